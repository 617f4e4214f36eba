import { createRequire } from 'node:module'
import t from 'tap'
import { costOf } from '../../../lib/input/regex-cost.ts'
import { parsePattern } from '../../../lib/input/regex-syntax.ts'

// `recheck` proves its verdict with an attack whose steps it counts. Its pure engine needs no program beside it.
process.env['RECHECK_BACKEND'] = 'pure'
const { checkSync } = createRequire(import.meta.url)('recheck') as { checkSync (source: string, flags: string, options: object): { status: string, complexity?: { type: string } } }

const EXPONENTIAL = [
  '^(a+)+$', '^(a|a)*$', '^(a|aa)+$', '^(.*)*$', '^(\\w+\\s?)*$', '^(x+x+)+y$', '^(a{1,3})*$', '^(\\d+,?)*$', '^(([a-z])+.)+[A-Z]([a-z])+$', '^(.+?)*x$', '^(a*)*$', '^(?:a?b?)*$|^(?:(?:ab)+)+$',
  '^([a-zA-Z0-9])(([\\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$', '^(?:a|b|ab)*c$', '^(?:[a-z]+)*\\d$', '^(\\s*\\w+\\s*)*$', '^(?=(a+)+$)a*$',
  // What is repeated few times in a loop is read with each of its turns.
  '^(?:[^b]{0,2}){2,}$', '^(?:a{0,2})*$', '^(?:a{3}b|aaab)*$'
]
const POLYNOMIAL = ['^a*a*a*$', '^.*\\d+$', '^(ab|cd)*(ab)*$', '^(?=.*[a-z].*[A-Z].*\\d).*$', '^\\s*\\w*\\s*\\w*\\s*$', '^\\d*\\d{2,}$']
const LINEAR = [
  '^a$', '^[a-z0-9]+(?:-[a-z0-9]+)*$', '^[A-Za-z][A-Za-z0-9._]*$', '^(?=.*[a-z])(?=.*\\d).{8,}$', '^\\d+(\\.\\d+)?$', '^(?:[a-z]{3})*$', '^([01]?[0-9][0-9]?|2[0-4][0-9])$', '^(\\d+,)*\\d+$',
  '^(?:ftp|https):\\/\\/[^\\s]+$', '^a?a?a?aaaa$', '^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}$', '^[\\p{L}]+( [\\p{L}]+)*$', '^#(?:[\\da-fA-F]{3}){1,2}$', '^a{0}b*$', '^$',
  '^(?:\\d{1,3}\\.){3}\\d{1,3}$', '^(?:[A-Z]{2}\\d{0,2} )*$', '^(?:a{0,1})*$'
]

t.test('the growth of known patterns, and what recheck says', async (t) => {
  for (const [growth, patterns] of [['exponential', EXPONENTIAL], ['polynomial', POLYNOMIAL], ['linear', LINEAR]] as const) {
    for (const pattern of patterns) {
      t.equal(costOf(parsePattern(pattern)).growth, growth, pattern)
      const { status, complexity } = checkSync(pattern, 'u', { timeout: 5000 })
      if (status === 'unknown') t.comment(`recheck found nothing about ${pattern} in time`)
      else if (growth === 'linear') t.equal(status, 'safe', `${pattern}: recheck agrees`)
      else t.equal(complexity?.type, growth, `${pattern}: recheck agrees`)
    }
  }
})

t.test('what cannot be judged is taken for the worst', async (t) => {
  t.equal(costOf(parsePattern('^(a)\\1$')).growth, 'exponential')
  t.equal(costOf(parsePattern(`^(?:${Array.from({ length: 400 }, (_, index) => `${index}x`).join('|')})*$`)).growth, 'exponential', 'one with more parts than are looked at')
  t.equal(costOf(parsePattern(`^${'a*b'.repeat(149)}$`)).growth, 'polynomial', 'one that takes too many steps')
})

t.test('repetitions of a known number', async (t) => {
  t.equal(costOf(parsePattern('^(?:a{1,90}){1,90}$')).growth, 'exponential', 'many in many are loops')
  t.equal(costOf(parsePattern('^((a{1,3}){10}){10}$')).growth, 'exponential', 'few in few, in few')
  t.same(costOf(parsePattern('^[a-z]{3,25}$')), { growth: 'linear', loops: 1 })
  t.same(costOf(parsePattern('^(?:a{1,3}){1,3}$')), { growth: 'linear', loops: 0 })
})
