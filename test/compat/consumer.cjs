// node consumer.cjs import|require     loads every subpath of the package in this one way, runs an application of all plugins, and prints what came of it as JSON
const { mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')

const load = process.argv[2] === 'require' ? async (name) => require(name) : (name) => import(name)

async function main () {
  const { name, exports: subpaths } = JSON.parse(readFileSync(require.resolve('fastify-bulwark/package.json'), 'utf8'))
  const loaded = {}
  for (const subpath of Object.keys(subpaths).filter((subpath) => !subpath.endsWith('.json'))) {
    loaded[subpath] = Object.keys(await load(name + subpath.slice(1))).length > 0
  }
  const { probe } = await import('./application.mjs')
  const assets = mkdtempSync(join(tmpdir(), 'assets-'))
  try {
    writeFileSync(join(assets, 'app.js'), "document.title = 'ran'")
    console.log(JSON.stringify({ version: process.version, loaded, answers: await probe(load, assets) }))
  } finally {
    rmSync(assets, { recursive: true })
  }
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
