import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { skip as skipPostgres } from './postgres-server.ts'
import { skip as skipRedis } from './redis-server.ts'
import { findProgram } from './server.ts'

// What the tests of the stores stand on: no server and no folder is left behind.

/** A test that dies when its server runs. */
const DIES = `
const [, , file, start] = process.argv
const server = await (await import(file))[start]()
console.log(JSON.stringify({ pid: server.pid, folder: server.folder }))
setInterval(() => {}, 1000)
`

for (const [name, file, start, skip] of [['Redis', 'redis-server', 'startRedis', skipRedis], ['PostgreSQL', 'postgres-server', 'startPostgres', skipPostgres]] as const) {
  t.test(`${name} ends with the test, also when that is killed`, { skip }, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'fastify-bulwark-dies-'))
    t.teardown(() => rmSync(folder, { recursive: true }))
    writeFileSync(join(folder, 'dies.mjs'), DIES)
    const test = spawn(process.execPath, [join(folder, 'dies.mjs'), fileURLToPath(new URL(`${file}.js`, import.meta.url)), start], { stdio: ['ignore', 'pipe', 'inherit'] })
    const said = await new Promise<string>((resolve, reject) => {
      test.once('exit', reject)
      test.stdout.setEncoding('utf8').once('data', resolve)
    })
    const server = JSON.parse(said) as { pid: number, folder: string }
    t.ok(isAlive(server.pid) && existsSync(server.folder), 'it runs')
    test.kill('SIGKILL')
    for (const end = Date.now() + 15_000; (isAlive(server.pid) || existsSync(server.folder)) && Date.now() < end;) await wait(50)
    t.notOk(isAlive(server.pid), 'the server has gone')
    t.notOk(existsSync(server.folder), 'and its folder')
  })
}

function isAlive (pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

t.test('the newest version of a program is found', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'fastify-bulwark-find-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const version of ['9', '15', '17', '16']) {
    mkdirSync(join(folder, version, 'bin'), { recursive: true })
    if (version !== '17') writeFileSync(join(folder, version, 'bin/postgres'), '')
  }
  t.equal(findProgram(`${folder}/*/bin/postgres`), join(folder, '16/bin/postgres'), 'a version may hold the programs of the client only')
  t.equal(findProgram(`${folder}/*/bin/psql`), undefined)
  t.equal(findProgram(`${folder}/none/*/bin/postgres`), undefined)
})
