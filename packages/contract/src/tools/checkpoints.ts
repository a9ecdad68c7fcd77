export const checkpointsTools = {} as const;
