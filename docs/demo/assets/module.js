import { name } from './part.js'

globalThis.ran(name)
