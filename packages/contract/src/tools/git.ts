export const gitTools = {} as const;
