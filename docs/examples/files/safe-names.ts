import { safeFileName } from 'fastify-bulwark/files'

// #region names
console.log(safeFileName('../../etc/passwd')) // passwd
console.log(safeFileName('C:\\fakepath\\photo\u202egnp.exe')) // photognp.exe
console.log(safeFileName('con.txt')) // _con.txt
console.log(safeFileName('.htaccess')) // htaccess
console.log(safeFileName('..')) // file
// #endregion names
