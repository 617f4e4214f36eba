// A suite is a file in suites/. It may export
//   rows    servers to put under load: { name, base, request, setup(app, plugin), plugin?, memory?, server?, connections?, warmUp?, slice? }
//   starts  applications to start:     { name, base, setup(app, plugin), plugin? }
//   imports modules to import:         { name, base, modules }
//   calls   functions to call:         { name, base, prepare(plugin) gives the function, plugin? }
//   goals   what a ratio should reach: { name, row, over?, least }
// `plugin` is the module that `setup` needs, by package name: it is imported by the measured process, so that
// a bare server carries nothing of it and its import is not counted as start. `server` is for Fastify(). `connections`, `warmUp` (requests) and
// `slice` (milliseconds) are for requests that take long. `base` names the row that a ratio
// refers to; the base has itself as base. Names get the suite's file name in front.
import { readdir } from 'node:fs/promises'

const folder = new URL('./suites/', import.meta.url)

async function loadSuite (file) {
  const { rows = [], starts = [], imports = [], calls = [], goals = [] } = await import(new URL(file, folder))
  const full = name => `${file.replace('.mjs', '')}/${name}`
  const fullRow = row => ({ ...row, name: full(row.name), base: full(row.base) })
  return {
    rows: rows.map(fullRow),
    starts: starts.map(fullRow),
    imports: imports.map(fullRow),
    calls: calls.map(fullRow),
    goals: goals.map(goal => ({ ...goal, row: full(goal.row), over: goal.over && full(goal.over) }))
  }
}

function linkBases (rows) {
  for (const row of rows) {
    const base = rows.find(({ name }) => name === row.base)
    if (!base) throw new Error(`${row.name}: there is no row ${row.base} to compare it with`)
    row.base = base
  }
  return rows
}

export async function loadSuites () {
  const suites = await Promise.all((await readdir(folder)).sort().map(loadSuite))
  return {
    rows: linkBases(suites.flatMap(suite => suite.rows)),
    starts: linkBases(suites.flatMap(suite => suite.starts)),
    imports: linkBases(suites.flatMap(suite => suite.imports)),
    calls: linkBases(suites.flatMap(suite => suite.calls)),
    goals: suites.flatMap(suite => suite.goals)
  }
}

/** The row that a child process was told to be, with its module. */
export async function loadRow (name) {
  const { rows, starts, calls } = await loadSuites()
  const row = [...rows, ...starts, ...calls].find(row => row.name === name)
  return { row, plugin: row.plugin && await import(row.plugin) }
}
