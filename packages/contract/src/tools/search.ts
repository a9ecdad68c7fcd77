export const searchTools = {} as const;
