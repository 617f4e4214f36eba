import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { answerTo, type InspectionAnswer } from '../../../lib/cli/inspection-process.ts'

const program = fileURLToPath(new URL('../../../lib/cli/inspection-process.js', import.meta.url))

t.test('an answer has the postures, or the sentence why there are none', async (t) => {
  const folder = t.testdir({ 'app.mjs': "import Fastify from 'fastify'\nexport default Fastify()", 'throws.mjs': "throw new Error('no database.\\nat line 1')", 'none.mjs': '' })
  const request = (file: string): Parameters<typeof answerTo>[0] => ({ file: join(folder, file), host: 'localhost' })
  t.match(await answerTo(request('app.mjs')), { postures: [{ url: '(not found)' }] })
  t.same(await answerTo(request('throws.mjs')), { failure: 'The application could not be loaded (no database).' })
  t.same(await answerTo(request('none.mjs')), { failure: 'The module made no Fastify instance: export one, or a function that builds one.' })
})

async function inProcess (t: Test, text: string): Promise<[answer: InspectionAnswer | undefined, exitCode: number]> {
  const child = fork(program, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  let answer: InspectionAnswer | undefined
  child.once('message', (message) => { answer = message as InspectionAnswer })
  child.send({ file: join(t.testdir({ 'app.mjs': text }), 'app.mjs'), host: 'localhost' })
  const [exitCode] = await once(child, 'exit') as [number]
  return [answer, exitCode]
}

type Test = typeof t

t.test('the process answers and ends, whatever the application still holds open', async (t) => {
  const [answer, exitCode] = await inProcess(t as Test, "import Fastify from 'fastify'\nimport { createServer } from 'node:net'\ncreateServer().listen(0, '127.0.0.1')\nsetInterval(() => {}, 1000)\nexport default Fastify()")
  t.match(answer, { postures: [{ url: '(not found)' }] })
  t.equal(exitCode, 0)
})

t.test('what the application says to a process manager is not taken for the answer', async (t) => {
  for (const said of ["'ready'", '{ postures: [] }', "{ failure: 'none' }"]) {
    const [answer] = await inProcess(t as Test, `import Fastify from 'fastify'\nprocess.send?.(${said})\nexport default Fastify()`)
    t.match(answer, { postures: [{ url: '(not found)' }] }, said)
  }
})

t.test('an error that nobody catches is answered', async (t) => {
  const [answer] = await inProcess(t as Test, "setTimeout(() => { throw new Error('lost') })\nawait new Promise(() => {})")
  t.same(answer, { failure: 'The application could not be loaded (lost).' })
})

t.test('an error that the application catches is its own affair', async (t) => {
  const [answer] = await inProcess(t as Test, "import Fastify from 'fastify'\nlet seen\nconst caught = new Promise((resolve) => { seen = resolve })\nprocess.on('uncaughtException', () => seen())\nsetTimeout(() => { throw new Error('caught') })\nawait caught\nexport default Fastify()")
  t.match(answer, { postures: [{ url: '(not found)' }] })
})

t.test('the process ends with its parent', async (t) => {
  const child = fork(program, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  await once(child, 'spawn')
  child.disconnect()
  const [exitCode] = await once(child, 'exit') as [number]
  t.equal(exitCode, 0)
})
