import { cpus, totalmem, type, release } from 'node:os'

/** What stands between `<!-- measured name -->` and `<!-- /measured -->`. */
const block = name => new RegExp(`(<!-- measured ${name} -->\n)[\\s\\S]*?(<!-- /measured -->)`)

function replaceBlock (page, name, text) {
  if (!block(name).test(page)) throw new Error(`The page has no block <!-- measured ${name} -->.`)
  return page.replace(block(name), (_, opening, closing) => `${opening}${text}\n${closing}`)
}

const suiteOf = ({ name }) => name.split('/')[0]

/**
 * The page with what one kind of measuring gave: a block for each suite. The block of a suite of which not every row was measured stays as it is, so that
 * no page mixes the rows of two days.
 */
export function renewPage (page, mode, { all, measured, format, formatGoals, goals, caption }) {
  for (const suite of new Set(measured.map(suiteOf))) {
    const own = measured.filter(result => suiteOf(result) === suite)
    if (own.length < all.filter(row => suiteOf(row) === suite).length) continue
    const reached = goals.filter(goal => suiteOf({ name: goal.row }) === suite)
    page = replaceBlock(page, `${mode} ${suite}`, [format(own), ...reached.length > 0 ? [formatGoals(reached)] : [], caption].join('\n\n'))
  }
  return page
}

/** The page with the machine on which it is written. */
export function renewMachine (page, cores) {
  const [{ model }, ...others] = cpus()
  return replaceBlock(page, 'machine', `${model.trim()}, ${others.length + 1} cores, ${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, Node ${process.versions.node}. ${cores ? 'The server has one core for itself, the client another one.' : 'Neither server nor client are bound to a core.'}`)
}
