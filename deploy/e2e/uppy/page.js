// Script of the test page. The example of README.md precedes it and creates uppy. This part varies the requests and
// records the results. API and token are globals.

// Results of the uploads, oldest first, and the photos that the example follows. It sends a photo again after a 409,
// which is no result.
window.outcomes = []
const followed = []
window.follow = (outcomeUrl) => followed.push(outcomeUrl)
uppy.on('upload-success', (file, { body, uploadURL }) => outcomes.push({ etag: body.ETag, location: uploadURL, outcomeUrl: followed.pop() }))
uppy.on('upload-error', (file, error) => {
  if ((error.status ?? error.source?.status) !== 409) outcomes.push({ error: error.message, outcomeUrl: followed.pop() })
})

// Adds members to the example's request for a token, or repeats the last answer.
const plain = window.fetch
let more, again, answer
window.fetch = async (url, request) => {
  if (request.method !== 'POST') return plain(url, request)
  if (!again) answer = await plain(url, { ...request, body: JSON.stringify({ ...JSON.parse(request.body), ...more }) })
  return answer.clone()
}

async function digest(data) {
  const sum = await crypto.subtle.digest('SHA-256', await data.arrayBuffer())
  return btoa(String.fromCharCode(...new Uint8Array(sum)))
}

// send uploads the chosen file in one of the ways.
window.send = async (way) => {
  const [data] = document.querySelector('#photo').files
  again = way === 'again'
  more = { 'as in README.md': {}, 'while S3 is busy': {}, 'with a digest': { sha256: await digest(data) }, 'as a form': { form: true } }[way]
  uppy.clear()
  uppy.addFile({ name: data.name, type: data.type, data })
  const ended = new Promise((resolve) => uppy.once('upload-success', resolve))
  await uppy.upload()
  if (outcomes.length === 0) await ended
}

// fill creates a form that the browser submits. A frame shows the answer of S3.
window.answered = false
window.fill = async () => {
  const asked = await plain(`${API}/v1/boards/demo/uploads`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ contentType: 'image/jpeg', form: true }),
  })
  const { outcomeUrl, upload: { method, url, fields } } = await asked.json()
  const form = document.querySelector('form')
  Object.assign(form, { method, action: url, enctype: 'multipart/form-data', target: 'answer' })
  form.replaceChildren(
    ...Object.entries({ ...fields, file: '' }).map(([name, value]) =>
      Object.assign(document.createElement('input'), name === 'file' ? { type: 'file', name } : { type: 'hidden', name, value })),
    document.createElement('button'),
  )
  document.querySelector('iframe').onload = () => (answered = true)
  return outcomeUrl
}

// state waits for the outcome of a photo.
window.state = async (outcomeUrl) => {
  const answer = await plain(outcomeUrl, { headers: { Authorization: `Bearer ${token}` } })
  return (await answer.json()).state
}
