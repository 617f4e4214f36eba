/* global document, fetch, FormData, URLSearchParams */

// A classic script beside others: its names are its own.
(() => {
  const clocks = [...document.querySelectorAll('[data-until]')]

  function tick () {
    for (const clock of clocks) {
      const seconds = Math.max(0, Math.ceil((Number(clock.dataset.until) - Date.now()) / 1000))
      clock.textContent = seconds === 0 ? 'Over: reload the page' : `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')} left`
      clock.dataset.state = seconds === 0 ? 'bad' : 'good'
    }
  }
  if (clocks.length > 0) {
    tick()
    setInterval(tick, 1000)
  }

  function said ({ user, isCleared, reason }) {
    if (user !== null) return { text: `It is a session: ${user}`, state: 'bad' }
    return { text: `No session (${reason ?? 'no cookie'})${isCleared ? ', and the cookie is cleared' : ''}`, state: 'good' }
  }

  for (const form of document.querySelectorAll('form.try')) {
    const outcome = form.querySelector('.outcome')
    form.addEventListener('submit', async (event) => {
      event.preventDefault()
      const response = await fetch('/session/try', { method: 'POST', body: new URLSearchParams(new FormData(form)) }).catch(() => ({ ok: false }))
      const { text, state } = response.ok ? said(await response.json()) : { text: 'The server did not answer.', state: 'bad' }
      outcome.textContent = text
      // That the cookie of the visitor is a session is no fault.
      outcome.dataset.state = state === 'bad' && form.querySelector('textarea') !== null ? 'waiting' : state
    })
  }
})()
