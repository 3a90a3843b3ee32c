// The page of the test: what README.md has, which stands before this and makes uppy, and a way to watch and to vary it.
// API and token are globals.

const plugin = uppy.getPlugin('AwsS3Multipart')

// What became of each upload, oldest first, and the photos that README.md follows.
window.outcomes = []
uppy.on('upload-success', (file, { body, uploadURL }) => outcomes.push({ etag: body.ETag, location: uploadURL, statusUrl: followed.pop() }))
uppy.on('upload-error', (file, error) => outcomes.push({ error: error.message, statusUrl: followed.pop() }))

const followed = []
window.follow = (statusUrl) => followed.push(statusUrl)

// ask is the token for a file, with more in the request than README.md shows.
async function ask(file, more) {
  const answer = await fetch(`${API}/boards/demo/uploads`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ contentType: file.type, contentLength: file.size, ...more }),
  })
  const parameters = await answer.json()
  if (!answer.ok) throw new Error(parameters.detail)
  uppy.setFileMeta(file.id, { statusUrl: parameters.statusUrl })
  return parameters
}

async function digest(file) {
  const sum = await crypto.subtle.digest('SHA-256', await file.data.arrayBuffer())
  return btoa(String.fromCharCode(...new Uint8Array(sum)))
}

let last // parameters
const ways = {
  'as in README.md': getUploadParameters,
  'with a digest': async (file) => (last = await ask(file, { sha256: await digest(file) })),
  'with the last parameters': (file) => {
    uppy.setFileMeta(file.id, { statusUrl: last.statusUrl })
    return last
  },
  'as a form': (file) => ask(file, { form: true }),
}

// send uploads what was chosen, in one of the ways.
window.send = async (way) => {
  plugin.setOptions({ getUploadParameters: ways[way] })
  uppy.clear()
  const [data] = document.querySelector('#photo').files
  uppy.addFile({ name: data.name, type: data.type, data })
  await uppy.upload()
}

// fill makes a form for the browser itself to send. What S3 answers is shown in a frame.
window.answered = false
window.fill = async () => {
  const { method, url, fields, statusUrl } = await ask({ type: 'image/jpeg' }, { form: true })
  const form = document.querySelector('form')
  Object.assign(form, { method, action: url, enctype: 'multipart/form-data', target: 'answer' })
  form.replaceChildren(
    ...Object.entries({ ...fields, file: '' }).map(([name, value]) =>
      Object.assign(document.createElement('input'), name === 'file' ? { type: 'file', name } : { type: 'hidden', name, value })),
    document.createElement('button'),
  )
  document.querySelector('iframe').onload = () => (answered = true)
  return statusUrl
}

// state waits for the outcome of a photo.
window.state = async (statusUrl) => {
  const answer = await fetch(`${statusUrl}?wait=20s`, { headers: { Authorization: `Bearer ${token}` } })
  return (await answer.json()).state
}
