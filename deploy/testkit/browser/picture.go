package browser

import (
	"encoding/base64"
	"fmt"
	"image"
)

// pixelsScript shows a picture, draws it onto a canvas and returns its size and its pixels. The canvas is in sRGB. Of
// an animation it shows the first frame, because it is drawn before the second is due.
const pixelsScript = `(async () => {
  const picture = new Image()
  picture.src = %q
  if (!await picture.decode().then(() => true, () => false)) return {}
  const canvas = document.createElement('canvas')
  const width = canvas.width = picture.naturalWidth, height = canvas.height = picture.naturalHeight
  const context = canvas.getContext('2d')
  context.drawImage(picture, 0, 0)
  let text = ''
  for (const byte of context.getImageData(0, 0, width, height).data) text += String.fromCharCode(byte)
  return {width, height, pixels: btoa(text)}
})()`

// Pixels returns what the browser shows of a picture file, or nil if it shows nothing. The type is that of the file,
// such as image/gif. A pixel that is partly transparent can be a few values off, because a canvas premultiplies.
func (p *Page) Pixels(contentType string, file []byte) *image.NRGBA {
	p.t.Helper()
	shown := Eval[struct {
		Width  int    `json:"width"`
		Height int    `json:"height"`
		Pixels string `json:"pixels"`
	}](p, fmt.Sprintf(pixelsScript, "data:"+contentType+";base64,"+base64.StdEncoding.EncodeToString(file)))
	if shown.Width == 0 {
		return nil
	}
	m := image.NewNRGBA(image.Rect(0, 0, shown.Width, shown.Height))
	if n, err := base64.StdEncoding.Decode(m.Pix, []byte(shown.Pixels)); err != nil || n != len(m.Pix) {
		p.t.Fatalf("%d bytes of pixels for %d x %d: %v", n, shown.Width, shown.Height, err)
	}
	return m
}
