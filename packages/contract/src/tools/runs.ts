export const runsTools = {} as const;
