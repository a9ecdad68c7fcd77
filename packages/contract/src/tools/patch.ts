export const patchTools = {} as const;
