/* global document, fetch, ran, violations, headerRow */

(() => {
  /** So many are listed at most: somebody may press a button for a long time. */
  const MOST_EVENTS = 50
  const list = document.querySelector('.events')
  let followsLink = false

  function attemptOf ({ effectiveDirective, blockedURI }) {
    if (effectiveDirective === 'img-src') return 'image'
    if (effectiveDirective === 'script-src-attr') return 'handler'
    if (blockedURI === 'eval') return 'eval'
    // A javascript: address is an inline script like any other, but for the click before it.
    return followsLink ? 'link' : 'injected'
  }

  function show (event) {
    const attempt = attemptOf(event)
    if (event.disposition === 'enforce') {
      const outcome = document.querySelector(`#${attempt} .outcome`)
      outcome.textContent = 'Blocked'
      outcome.dataset.state = 'good'
    }
    const item = document.createElement('li')
    const directive = document.createElement('code')
    directive.textContent = event.effectiveDirective
    const what = { inline: 'an inline script', eval: 'eval' }[event.blockedURI] ?? event.blockedURI
    item.append(directive, ` ${event.disposition === 'enforce' ? 'blocked' : 'would have blocked'} ${what}`)
    list.prepend(item)
    if (list.children.length > MOST_EVENTS) list.lastElementChild.remove()
    document.getElementById('no-events').hidden = true
    setTimeout(countReports, 500)
  }

  async function countReports () {
    const counter = document.getElementById('reports')
    if (counter === null) return
    const { reports } = await (await fetch('/headers/reports')).json()
    counter.textContent = String(reports)
  }

  violations.forEach(show)
  document.addEventListener('securitypolicyviolation', show)

  const image = document.querySelector('#image img')
  const imageShown = () => { if (image.naturalWidth > 0) ran('image') }
  image.addEventListener('load', imageShown)
  imageShown()

  document.querySelector('#link a').addEventListener('click', () => { followsLink = true })

  document.getElementById('fetch-data').addEventListener('click', async () => {
    try {
      const { headers } = await fetch('/headers/data')
      const table = document.getElementById('data-headers')
      table.tBodies[0].replaceChildren(...[...headers].map(([name, value]) => headerRow({ name, value })))
      table.hidden = false
    } catch {
      document.getElementById('data-failed').hidden = false
    }
  })
})()
