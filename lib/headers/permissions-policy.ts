import { Type } from 'typebox'
import { SecurityError } from '../errors.ts'
import { expectation, recordOf, unknownName, type OptionSchema } from '../options.ts'
import { parseUrl } from '../parse-url.ts'

/** The features of the W3C registry (webappsec-permissions-policy/features.md) that a browser implements or has in a trial. */
const FEATURES = ['accelerometer', 'all-screens-capture', 'ambient-light-sensor', 'aria-notify', 'attribution-reporting', 'autoplay', 'bluetooth', 'browsing-topics',
  'camera', 'captured-surface-control', 'clipboard-read', 'clipboard-write', 'compute-pressure', 'controlled-frame', 'cross-origin-isolated', 'deferred-fetch', 'deferred-fetch-minimal',
  'device-attributes', 'digital-credentials-create', 'digital-credentials-get', 'direct-sockets', 'display-capture', 'encrypted-media', 'focus-without-user-activation', 'fullscreen', 'gamepad', 'geolocation',
  'gyroscope', 'hid', 'identity-credentials-get', 'idle-detection', 'interest-cohort', 'join-ad-interest-group', 'keyboard-map', 'language-detector', 'language-model',
  'local-fonts', 'local-network', 'local-network-access', 'loopback-network', 'magnetometer', 'manual-text', 'mediasession', 'microphone', 'midi', 'on-device-speech-recognition', 'otp-credentials', 'payment', 'picture-in-picture',
  'private-state-token-issuance', 'private-state-token-redemption', 'proofreader', 'publickey-credentials-create', 'publickey-credentials-get', 'rewriter', 'run-ad-auction', 'screen-wake-lock',
  'serial', 'shared-storage', 'shared-storage-select-url', 'smart-card', 'speaker-selection', 'storage-access', 'sub-apps', 'summarizer', 'sync-xhr', 'translator', 'unload', 'usb',
  'vertical-scroll', 'web-printing', 'web-share', 'window-management', 'writer', 'xr-spatial-tracking'] as const

type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : Name
type Feature = typeof FEATURES[number]

/**
 * Feature (kebab-case or camelCase) to allowlist: `[]` for nobody, `'self'`, `'*'`, or origins (`https://maps.test`, `https://*.maps.test`).
 * `false` takes a feature off the default list, which leaves the browser's own default in force.
 */
export type PermissionsPolicy = { readonly [Name in Feature | Camel<Feature>]?: readonly string[] | false }

/** What the option admits besides `false`; names and allowlists are checked by `parsePermissionsPolicy`. */
export const permissionsPolicySchema: OptionSchema = recordOf(Type.Union([Type.Array(Type.String()), Type.Literal(false)]))

const NAMES = new Map<string, Feature>(FEATURES.flatMap((name) => [[name, name], [name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()), name]]))

// W3C Permissions Policy §5.2: an origin, whose host may begin with a wildcard label.
const ORIGIN = /^https?:\/\/(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]+)?$/

/** Validated features and their allowlists. Throws `SecurityError` for a feature that no browser knows and for what its grammar refuses. */
export function parsePermissionsPolicy (policy: PermissionsPolicy, path: string): Map<string, readonly string[] | false> {
  const parsed = new Map<string, readonly string[] | false>()
  for (const [key, allowlist] of Object.entries(policy) as Array<[string, readonly string[] | false]>) {
    const name = NAMES.get(key)
    if (name === undefined) throw new SecurityError('BULWARK_ERR_HEADERS_OPTION_UNKNOWN', unknownName(`${path}.${key}`, key, FEATURES))
    if (parsed.has(name)) throw refusal(`${path}.${key}`, 'each feature once', allowlist)
    if (allowlist !== false) checkAllowlist(allowlist, `${path}.${key}`)
    parsed.set(name, allowlist)
  }
  return parsed
}

function checkAllowlist (allowlist: readonly string[], path: string): void {
  for (const [index, member] of allowlist.entries()) {
    if (member !== 'self' && member !== '*' && !(ORIGIN.test(member) && parseUrl(member) !== undefined)) {
      throw refusal(`${path}[${index}]`, "`'self'`, `'*'` or an origin such as `'https://maps.test'`", member)
    }
  }
  if (allowlist.includes('*') && allowlist.length > 1) throw refusal(path, "`'*'` alone", allowlist)
}

function refusal (path: string, expected: string, received: unknown): SecurityError {
  return new SecurityError('BULWARK_ERR_HEADERS_OPTION_INVALID', expectation(path, expected, received))
}

/** The header's value, a dictionary of RFC 9651; `undefined` when no feature is left. */
export function formatPermissionsPolicy (features: ReadonlyMap<string, readonly string[] | false>): string | undefined {
  const members: string[] = []
  for (const [name, allowlist] of features) {
    if (allowlist === false) continue
    members.push(`${name}=${allowlist[0] === '*' ? '*' : `(${allowlist.map((member) => member === 'self' ? 'self' : `"${member}"`).join(' ')})`}`)
  }
  return members.length === 0 ? undefined : members.join(', ')
}
