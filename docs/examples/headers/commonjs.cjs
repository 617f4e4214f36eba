const Fastify = require('fastify')
const { headers } = require('fastify-bulwark/headers')

const app = Fastify()
app.register(headers)
app.register(async (routes) => {
  routes.get('/', (request, reply) => reply.type('text/html').send(`<script nonce="${request.cspNonce}"></script>`))
})

module.exports = app
