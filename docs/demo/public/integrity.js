/* global document, refusals */

(() => {
  const MOST_EVENTS = 50
  const list = document.querySelector('.events')
  let shown = 0

  function show () {
    for (; shown < refusals.length; shown++) {
      const { url, reason } = refusals[shown]
      const item = document.createElement('li')
      const address = document.createElement('code')
      address.textContent = url
      item.append(address, `: ${reason}`)
      list.prepend(item)
      if (list.children.length > MOST_EVENTS) list.lastElementChild.remove()
      document.getElementById('no-events').hidden = true
    }
  }

  show()
  document.addEventListener('refusal', show)

  document.querySelector('#added button').addEventListener('click', () => {
    const script = document.createElement('script')
    script.src = '/integrity/added.js'
    script.dataset.attempt = 'added'
    document.body.append(script)
  })
})()
