import type { ConfigurableRoute } from '../route-settings.ts'

/** The routes that are exempt, to be told at start; what holds no more deserves to be seen. */
export class Exemptions {
  readonly list: string[] = []
  readonly #late = new WeakSet<object>()

  /** Notes a route that is being declared. The HEAD route beside a GET route goes without saying. */
  note ({ method, url }: ConfigurableRoute): void {
    if (method !== 'HEAD') this.list.push(`${[method].join()} ${url}`)
  }

  /** True once for each `config` of a route that was declared before the plugin was there. */
  isNews (config: object): boolean {
    if (this.#late.has(config)) return false
    this.#late.add(config)
    return true
  }
}
