import { Type } from 'typebox'
import { recordOf, type OptionSchema } from '../options.ts'
import { crossOriginEmbedderPolicySchema, type CrossOriginEmbedderPolicy } from './cross-origin-embedder-policy.ts'
import { crossOriginOpenerPolicySchema, type CrossOriginOpenerPolicy } from './cross-origin-opener-policy.ts'
import { crossOriginResourcePolicySchema, type CrossOriginResourcePolicy } from './cross-origin-resource-policy.ts'
import type { PolicyChanges } from './csp-merge.ts'
import type { NonceGenerator } from './nonce.ts'
import { permissionsPolicySchema, type PermissionsPolicy } from './permissions-policy.ts'
import { referrerPolicySchema, type ReferrerPolicy } from './referrer-policy.ts'
import { reportingSchema, type Reporting } from './reporting-endpoints.ts'
import { strictTransportSecuritySchema, type StrictTransportSecurity } from './strict-transport-security.ts'
import { trustedTypesSchema, type TrustedTypes } from './trusted-types.ts'
import { xFrameOptionsSchema, type XFrameOptions } from './x-frame-options.ts'
import { xXssProtectionSchema, type XXssProtection } from './x-xss-protection.ts'

/** What can be set for the whole application and, in `config.security.headers`, for a route. `false` drops a header. */
export interface HeaderSettings {
  /** Changes to the enforced policy of document replies. `false` enforces nothing, on other replies either. */
  readonly contentSecurityPolicy?: PolicyChanges | false
  /** A second policy that blocks nothing and reports. It starts from the enforced one. Default `false`. */
  readonly contentSecurityPolicyReportOnly?: PolicyChanges | false
  /** Trusted Types, reported or enforced. Default `false`. */
  readonly trustedTypes?: TrustedTypes | false
  /** Endpoints for reports. Default `false`. */
  readonly reporting?: Reporting | false
  /** Sent on replies to https requests only (RFC 6797 §7.2). */
  readonly strictTransportSecurity?: StrictTransportSecurity | false
  /** `nosniff`. Default `true`. */
  readonly xContentTypeOptions?: boolean
  /** Default `'derive'`, from `frame-ancestors`. */
  readonly xFrameOptions?: XFrameOptions | false
  /** For document replies; `false` drops it from other replies, too. Default `'strict-origin-when-cross-origin'`. */
  readonly referrerPolicy?: ReferrerPolicy | readonly ReferrerPolicy[] | false
  /** Default `'same-origin'`. */
  readonly crossOriginOpenerPolicy?: CrossOriginOpenerPolicy | false
  /** Default `false`: it breaks third-party media that do not agree. */
  readonly crossOriginEmbedderPolicy?: CrossOriginEmbedderPolicy | false
  /** Default `'same-origin'`. */
  readonly crossOriginResourcePolicy?: CrossOriginResourcePolicy | false
  /** Features and their allowlists, laid over the inherited ones. */
  readonly permissionsPolicy?: PermissionsPolicy | false
  /** Default `true`. */
  readonly originAgentCluster?: boolean
  /** Default `false`. */
  readonly xXssProtection?: XXssProtection | false
  /** What differs on replies that are no documents. */
  readonly nonDocument?: {
    /** Changes to the policy of replies that are no documents. */
    readonly contentSecurityPolicy?: PolicyChanges | false
    /** Default `'no-referrer'`. */
    readonly referrerPolicy?: ReferrerPolicy | readonly ReferrerPolicy[] | false
  }
}

/** Options of the headers plugin. */
export interface HeadersOptions extends HeaderSettings {
  /** The set to start from. Default `'strict'`. */
  readonly preset?: 'strict' | 'article'
  /** What happens with the findings of the lint. Default `'warn'`: logged at start. `'error'` refuses to start. */
  readonly lint?: 'off' | 'warn' | 'error'
  /** How nonces are made. */
  readonly nonce?: {
    /** Gives a fresh value of at least 128 bit at every call. Default: 16 bytes of the system's generator, base64url. */
    readonly generate?: NonceGenerator
    /** Gives styles a nonce of their own, `request.cspStyleNonce`. Default `false`. */
    readonly separateStyle?: boolean
  }
}

const closed = { additionalProperties: false }

function orFalse (schema: OptionSchema, annotations: { default?: unknown, description: string, expected?: string }): OptionSchema {
  return Type.Optional(Type.Union([schema, Type.Literal(false)], annotations))
}

// What a policy says is checked by its own grammar, which names the directive; here only the shape.
const directives = Type.Optional(recordOf(Type.Unknown()))
const changes = Type.Object({
  replace: Type.Optional(Type.Boolean()),
  remove: directives,
  set: directives,
  append: directives
}, { ...closed, expected: 'an object of `replace`, `remove`, `set` and `append`' })

const settings = {
  contentSecurityPolicy: orFalse(changes, { description: 'Changes to the enforced policy of document replies: `replace`, `remove`, `set`, `append`. `false` enforces nothing, on other replies either.' }),
  contentSecurityPolicyReportOnly: orFalse(changes, { default: false, description: 'A second policy that blocks nothing and reports. It starts from the enforced one.' }),
  trustedTypes: orFalse(trustedTypesSchema, { default: false, description: 'Trusted Types: `mode` `\'report-only\'` or `\'enforce\'`, and the names of the `policies` that may be made.' }),
  reporting: orFalse(reportingSchema, { default: false, description: '`endpoints`, name to URL, for Reporting-Endpoints. Every policy reports to the first.' }),
  strictTransportSecurity: orFalse(strictTransportSecuritySchema, { description: '`maxAge` in seconds (31536000), `includeSubDomains` (`true`), `preload` (`false`). Sent on replies to https requests only.' }),
  xContentTypeOptions: Type.Optional(Type.Boolean({ default: true, description: 'Sends `nosniff`.' })),
  xFrameOptions: orFalse(xFrameOptionsSchema, { default: 'derive', description: '`\'derive\'` follows `frame-ancestors`; or `\'DENY\'`, `\'SAMEORIGIN\'`.' }),
  referrerPolicy: orFalse(referrerPolicySchema, { default: 'strict-origin-when-cross-origin', description: 'A token or several. `false` drops it from other replies, too.' }),
  crossOriginOpenerPolicy: orFalse(crossOriginOpenerPolicySchema, { default: 'same-origin', description: 'Who keeps a handle on the window of the page.' }),
  crossOriginEmbedderPolicy: orFalse(crossOriginEmbedderPolicySchema, { default: false, description: 'What the page may embed. Off, since it breaks third-party media that do not agree.' }),
  crossOriginResourcePolicy: orFalse(crossOriginResourcePolicySchema, { default: 'same-origin', description: 'Which sites may embed the reply.' }),
  permissionsPolicy: orFalse(permissionsPolicySchema, { description: 'Feature to allowlist, laid over the preset\'s: `[]` for nobody, `\'self\'`, `\'*\'`, origins; `false` takes a feature off the list.' }),
  originAgentCluster: Type.Optional(Type.Boolean({ default: true, description: 'Sends `?1`.' })),
  xXssProtection: orFalse(xXssProtectionSchema, { default: false, description: '`\'0\'` or nothing; `\'1\'` is admitted with a warning.' }),
  nonDocument: Type.Optional(Type.Object({
    contentSecurityPolicy: orFalse(changes, { description: 'Changes to the policy of replies that are no documents.' }),
    referrerPolicy: orFalse(referrerPolicySchema, { default: 'no-referrer', description: 'Referrer-Policy of replies that are no documents.' })
  }, { ...closed, description: 'What differs on replies that are no documents: `contentSecurityPolicy`, `referrerPolicy`.' }))
} satisfies Record<keyof HeaderSettings, OptionSchema>

const own = {
  preset: Type.Optional(Type.Union([Type.Literal('strict'), Type.Literal('article')], { default: 'strict', description: 'The set to start from.' })),
  lint: Type.Optional(Type.Union([Type.Literal('off'), Type.Literal('warn'), Type.Literal('error')], { default: 'warn', description: 'What happens with the findings of the lint: nothing, a line in the log at start, a refusal to start.' })),
  nonce: Type.Optional(Type.Object({
    generate: Type.Optional(Type.Refine(Type.Unsafe<NonceGenerator>({ expected: 'a function' }), (value) => typeof value === 'function')),
    separateStyle: Type.Optional(Type.Boolean({ default: false }))
  }, { ...closed, description: '`generate`: a function that gives a fresh value of at least 128 bit (16 random bytes in base64url). `separateStyle`: gives styles a nonce of their own, `request.cspStyleNonce` (`false`).' }))
} satisfies Record<Exclude<keyof HeadersOptions, keyof HeaderSettings>, OptionSchema>

/** The options of the plugin, described once: checked at start, and printed as the table in `docs/headers.md`. */
export const headersSchema: OptionSchema = Type.Object({ ...own, ...settings }, closed)

/** What `config.security.headers` may hold. */
export const routeHeadersSchema: OptionSchema = Type.Union([Type.Object(settings, closed), Type.Literal(false)])
