/** Where the files of the demonstration are. Compiled, this file is dist/docs/demo/folder.js; what is served stays where it was written. */
export const folder: URL = new URL('../../../docs/demo/', import.meta.url)
