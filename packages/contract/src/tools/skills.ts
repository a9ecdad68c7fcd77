export const skillsTools = {} as const;
