export const researchTools = {} as const;
