export const bridgeTools = {} as const;
