/* global document, fetch, WebSocket, location */

(() => {
  const table = document.querySelector('.attempts-table')
  const money = document.getElementById('money')
  let newest = -1

  function element (name, text, data = {}) {
    const made = document.createElement(name)
    made.textContent = text
    Object.assign(made.dataset, data)
    return made
  }

  function row ({ attempt, method, contentType, fetchSite, origin, status, reason }) {
    const made = document.createElement('tr')
    const heading = element('th', attempt)
    heading.scope = 'row'
    const said = document.createElement('td')
    said.append(element('code', `${method}\nContent-Type: ${contentType}\nSec-Fetch-Site: ${fetchSite}\nOrigin: ${origin}`))
    const answer = document.createElement('td')
    const outcome = element('span', status === 403 ? `Refused: ${reason}` : `Let through (${status})`, { state: status === 403 ? 'good' : 'bad' })
    // Let through is good news where this page sent it.
    if (attempt.startsWith('own ') && status !== 403) outcome.dataset.state = 'good'
    outcome.className = 'outcome'
    answer.append(outcome)
    made.append(heading, said, answer)
    return made
  }

  async function show () {
    const { attempts, money: left } = await (await fetch('/csrf/attempts')).json()
    money.textContent = String(left)
    const last = attempts[0]?.number ?? 0
    if (last === newest) return
    newest = last
    table.tBodies[0].replaceChildren(...attempts.map(row))
    table.hidden = attempts.length === 0
    document.getElementById('no-attempts').hidden = attempts.length > 0
  }

  const again = () => show().catch(() => {})
  again()
  setInterval(() => { if (!document.hidden) again() }, 1000)

  document.getElementById('own-fetch').addEventListener('click', async () => {
    await fetch('/csrf/transfer?attempt=own%20fetch', { method: 'POST' })
    again()
  })
  document.getElementById('own-socket').addEventListener('click', () => {
    const socket = new WebSocket(`ws://${location.host}/csrf/live?attempt=own%20WebSocket`)
    socket.addEventListener('close', again)
  })
})()
