export const processesTools = {} as const;
