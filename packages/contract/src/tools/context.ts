export const contextTools = {} as const;
