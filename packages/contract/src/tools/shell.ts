export const shellTools = {} as const;
