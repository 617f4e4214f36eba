import { PARTS, type Part } from '../bulwark/parts.ts'
import { bySeverity, finding, type Finding } from '../headers/finding.ts'
import type { DeclaredRoute, InjectedReply, Loaded, RegisteredPlugin, Scope } from './application.ts'
import { kSettings, type SessionSettings } from '../session/settings.ts'
import { lintReply } from './reply-lint.ts'

/** What stands between a route and those who attack it. */
export interface RoutePosture {
  readonly method: string
  readonly url: string
  /** The reply to an anonymous request; `null` where none was made or none came. */
  readonly reply: ReplyPosture | null
  /** Plugins of the suite in the scope of the route. */
  readonly plugins: readonly Part[]
  /** Plugins that the route is exempt from, by `config.security.<plugin>: false`. */
  readonly exempt: readonly Part[]
  /** What `config.security` holds for the route, functions as `[function]`. */
  readonly settings: Readonly<Record<string, unknown>>
  /** `off`, `exempt`, or the mode of the plugin, with the setting of the route. */
  readonly csrf: string
  /** `off`, `optional`, or `required`. */
  readonly session: string
  /** The parts of the request that have a schema. */
  readonly schema: readonly string[]
  readonly findings: readonly Finding[]
}

/** The reply of a route as far as it is told. */
export interface ReplyPosture {
  readonly status: number
  readonly contentType: string
  readonly policy: string | null
}

/** Methods that change something. */
const UNSAFE = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH'])

/** The posture of one route and method, by its options, its scope, and its reply: `undefined` where none was asked for, `null` where none came. */
export function postureOf (method: string, { options, scope }: DeclaredRoute, plugins: Loaded['plugins'], reply: InjectedReply | null | undefined, host: string): RoutePosture {
  const settings = settingsOf(options.config?.security)
  const present = PARTS.filter((stem) => scope.hasPlugin(`fastify-bulwark/${stem}`))
  const exempt = PARTS.filter((stem) => settings[stem] === false)
  const schema = ['body', 'querystring', 'query', 'params', 'headers'].filter((part) => options.schema?.[part] !== undefined)
  const base = { method, url: options.url, plugins: present, exempt, settings, schema, csrf: csrfOf(present, settings, optionsOf('csrf', scope, plugins)), session: sessionOf(present, securityOf(options.config?.security), options) }
  const findings = [...routeFindings(base, options), ...replyFindings(reply, host)]
  return { ...base, reply: reply === undefined || reply === null ? null : replyPosture(reply), findings: bySeverity(findings) }
}

function securityOf (security: unknown): Readonly<Record<string, unknown>> {
  return typeof security === 'object' && security !== null ? security as Record<string, unknown> : {}
}

/** As data: whatever a setting holds may stand in JSON. */
function settingsOf (security: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(securityOf(security), (_, value: unknown) => typeof value === 'function' ? '[function]' : typeof value === 'bigint' ? String(value) : value)) as Record<string, unknown>
}

/** The options of the innermost registration that encloses a scope: scopes inherit from those around them. */
function optionsOf (stem: Part, scope: Scope, plugins: readonly RegisteredPlugin[]): Readonly<Record<string, unknown>> {
  const registered = plugins.findLast(({ name, scope: around }) => name === `fastify-bulwark/${stem}` && (around === scope || Object.prototype.isPrototypeOf.call(around, scope)))
  return typeof registered?.options === 'object' && registered.options !== null ? registered.options as Record<string, unknown> : {}
}

function csrfOf (present: readonly Part[], { csrf }: Readonly<Record<string, unknown>>, { mode }: Readonly<Record<string, unknown>>): string {
  if (!present.includes('csrf')) return 'off'
  if (csrf === false) return 'exempt'
  const kind = mode === 'report' ? 'report' : 'enforce'
  return typeof csrf === 'string' ? `${kind}, ${csrf}` : kind
}

/** The settings that a hook of the session plugin carries. By the name of its symbol: the application may have a copy of the package of its own. */
function settingsOfHook (hook: unknown): unknown {
  if (typeof hook !== 'function') return hook
  const symbol = Object.getOwnPropertySymbols(hook).find(({ description }) => description === kSettings.description)
  return symbol === undefined ? undefined : (hook as unknown as Record<symbol, unknown>)[symbol]
}

/** Whether `requireLogin`, `requireFresh()` or the settings that they stand for let in those alone who are signed in. */
function requiresLogin (hook: unknown): boolean {
  const { login, fresh } = (settingsOfHook(hook) ?? {}) as SessionSettings
  return login === true || fresh !== undefined
}

function sessionOf (present: readonly Part[], { session }: Readonly<Record<string, unknown>>, options: DeclaredRoute['options']): string {
  if (!present.includes('session')) return 'off'
  const hooks = [options['onRequest'], options['preParsing'], options['preValidation'], options['preHandler']].flat()
  return [session, ...hooks].some(requiresLogin) ? 'required' : 'optional'
}

function routeFindings ({ method, plugins, exempt, schema, csrf, session }: Omit<RoutePosture, 'reply' | 'findings'>, options: DeclaredRoute['options']): Finding[] {
  const findings = exempt.flatMap((stem) => stem === 'csrf' ? [] : [finding('exempt', stem === 'headers' || stem === 'transport' ? 'medium' : 'low', stem, `The route is exempt from fastify-bulwark/${stem}.`)])
  if (UNSAFE.has(method)) {
    const severity = session === 'off' ? 'low' : 'high'
    if (csrf === 'off') findings.push(finding('csrf-off', severity, 'csrf', session === 'off' ? 'Nothing stops requests that other sites send, if cookies say who is asking.' : 'Other sites can send this request with the session of a visitor.'))
    if (csrf === 'exempt') findings.push(finding('csrf-exempt', 'medium', 'csrf', 'The route is exempt: other sites can send this request.'))
    if (csrf.startsWith('report')) findings.push(finding('csrf-report', 'medium', 'csrf', 'What other sites send is reported, and not stopped.'))
  }
  const isChecked = plugins.includes('input') && options['form'] !== undefined
  if (WITH_BODY.has(method) && !schema.includes('body') && !isChecked) findings.push(finding('body-unchecked', 'low', 'schema', 'No schema says what the body may hold.'))
  if (/[:*]/.test(options.url) && !schema.includes('params')) findings.push(finding('params-unchecked', 'info', 'schema', 'No schema says what the parameters of the path may hold.'))
  return findings
}

function replyFindings (reply: InjectedReply | null | undefined, host: string): Finding[] {
  if (reply === undefined) return []
  if (reply === null) return [finding('no-reply', 'info', 'status', 'The route was asked, and gave no reply in time.')]
  const { headers, statusCode } = reply
  const pairs = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')] as const)
  const cookies = [headers['set-cookie'] ?? []].flat().map(String)
  const findings = lintReply({ headers: new Map(pairs), cookies, isHttps: true, host })
  if (statusCode === 421) findings.push(finding('host-refused', 'medium', 'status', `The application refuses the host ${host}, so that this reply tells nothing of the route: name one of its own with --host.`))
  if (statusCode >= 500) findings.push(finding('server-error', 'low', 'status', `An anonymous request is answered with status ${statusCode}.`))
  return findings
}

function replyPosture ({ statusCode, headers }: InjectedReply): ReplyPosture {
  const policy = headers['content-security-policy']
  return { status: statusCode, contentType: String(headers['content-type'] ?? ''), policy: policy === undefined ? null : [policy].flat().join(', ') }
}
