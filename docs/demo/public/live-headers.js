/* global document, fetch */

// A classic script beside others: its names are its own.
(() => {
  const status = document.querySelector('[data-live-headers]')
  const table = status.nextElementSibling

  function cell (kind, text) {
    const element = document.createElement(kind)
    element.textContent = text
    return element
  }

  function row ({ name, value, note }) {
    const element = document.createElement('tr')
    const heading = cell('th', name)
    heading.scope = 'row'
    const data = document.createElement('td')
    // A policy is easier to read with one directive a line.
    data.append(cell('code', name.startsWith('content-security-policy') ? value.replaceAll('; ', ';\n') : value))
    element.append(heading, data)
    if (note !== undefined) element.append(cell('td', note))
    return element
  }

  async function show () {
    const response = await fetch(`/live-headers/${encodeURIComponent(status.dataset.liveHeaders)}`)
    const answer = await response.json()
    if (!response.ok) throw new Error(answer.message)
    table.tBodies[0].replaceChildren(...answer.headers.map(row))
    table.hidden = false
    status.textContent = `Sent with status ${answer.status}: ${answer.headers.length} headers.`
  }

  globalThis.headerRow = row
  show().catch((error) => {
    status.textContent = `${error.message} Reload the page to see those of a fresh one.`
  })
})()
