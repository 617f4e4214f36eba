const form = document.getElementById('json-form')
const answer = document.getElementById('json-answer')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  try {
    const reply = await fetch('/forms', {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: document.getElementById('json-text').value
    })
    const text = reply.type === 'opaqueredirect' ? 'The account was made (303).' : `${reply.status} ${await reply.text()}`
    answer.textContent = text.replaceAll(',"', ',\n"')
  } catch (error) {
    answer.textContent = String(error)
  }
})
