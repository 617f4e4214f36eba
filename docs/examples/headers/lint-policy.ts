import { lintPolicy } from 'fastify-bulwark/headers'

const findings = lintPolicy(process.argv[2] ?? "script-src 'self'")
for (const { severity, code, where, message } of findings) console.log(`${severity} ${code} (${where}): ${message}`)
process.exitCode = findings.some(({ severity }) => severity !== 'info') ? 1 : 0
