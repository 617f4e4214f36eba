// Version 1 of this file, which is what was deployed.
export const name = 'module'
