import type { HeaderSettings, HeadersOptions } from './settings.ts'

/** The policy of replies that are no documents: nothing to load and nobody to frame it (OWASP REST Security). */
const API_POLICY = { replace: true, set: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } } as const

/** The sets that an application can start from, as options. */
export const PRESETS: Readonly<Record<NonNullable<HeadersOptions['preset']>, Required<HeaderSettings>>> = deepFreeze({
  strict: {
    contentSecurityPolicy: {
      replace: true,
      set: {
        'default-src': ["'none'"],
        'script-src': ["'self'", "'nonce'", "'strict-dynamic'"],
        'style-src': ["'self'", "'nonce'"],
        'img-src': ["'self'", 'data:'],
        'font-src': ["'self'"],
        'connect-src': ["'self'"],
        'manifest-src': ["'self'"],
        'form-action': ["'self'"],
        'base-uri': ["'none'"],
        'object-src': ["'none'"],
        'frame-ancestors': ["'none'"],
        'upgrade-insecure-requests': true
      }
    },
    contentSecurityPolicyReportOnly: false,
    trustedTypes: false,
    reporting: false,
    strictTransportSecurity: {},
    xContentTypeOptions: true,
    xFrameOptions: 'derive',
    referrerPolicy: 'strict-origin-when-cross-origin',
    crossOriginOpenerPolicy: 'same-origin',
    crossOriginEmbedderPolicy: false,
    crossOriginResourcePolicy: 'same-origin',
    permissionsPolicy: {
      accelerometer: [],
      camera: [],
      'display-capture': [],
      geolocation: [],
      gyroscope: [],
      hid: [],
      magnetometer: [],
      microphone: [],
      midi: [],
      payment: [],
      serial: [],
      usb: []
    },
    originAgentCluster: true,
    xXssProtection: false,
    nonDocument: { contentSecurityPolicy: API_POLICY, referrerPolicy: 'no-referrer' }
  },
  // The set of the article that the project grew from, with its two corrections: `base-uri 'none'` and `X-XSS-Protection: 0`.
  article: {
    contentSecurityPolicy: {
      replace: true,
      set: {
        'default-src': ["'self'"],
        'script-src': ["'self'", "'nonce'"],
        'object-src': ["'none'"],
        'base-uri': ["'none'"]
      }
    },
    contentSecurityPolicyReportOnly: false,
    trustedTypes: { mode: 'enforce' },
    reporting: false,
    strictTransportSecurity: {},
    xContentTypeOptions: true,
    xFrameOptions: 'SAMEORIGIN',
    referrerPolicy: 'strict-origin-when-cross-origin',
    crossOriginOpenerPolicy: false,
    crossOriginEmbedderPolicy: false,
    crossOriginResourcePolicy: false,
    permissionsPolicy: false,
    originAgentCluster: false,
    xXssProtection: '0',
    nonDocument: { contentSecurityPolicy: API_POLICY, referrerPolicy: 'strict-origin-when-cross-origin' }
  }
})

/** The options that hold where none are given, frozen. */
export const headersDefaults: Readonly<HeadersOptions> = deepFreeze({
  preset: 'strict',
  lint: 'warn',
  nonce: { separateStyle: false },
  ...PRESETS.strict
})

function deepFreeze<T extends object> (value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) deepFreeze(member)
  return Object.freeze(value)
}
