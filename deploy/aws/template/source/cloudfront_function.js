// CloudFront runs this function before it looks in its cache. It replaces the URL of a photo in no particular format,
//   /{shard}/{board}/{id}/{name}.auto?avif=HASH&webp=HASH&jpg=HASH
// with the URL of the variant in the best format that the viewer accepts. HASH is the part of the variant's key before
// the extension. The query lists the formats that exist, because the function cannot ask S3. The URL that it returns is
// in the photo's folder and has no query, so the cache holds each variant once, for these and for all other requests.
//
// The runtime is cloudfront-js-2.0, which knows neither destructuring nor for-of:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-javascript-runtime-20.html

// The formats by extension, the best first. Of equal qualities, the viewer gets the first that it names. A wildcard
// such as image/* does not prove that a browser shows AVIF or WebP, because older ones sent it too. With a wildcard
// alone, these come last.
const formats = [
  { ext: "avif", type: "image/avif", modern: true },
  { ext: "webp", type: "image/webp", modern: true },
  { ext: "jpg", type: "image/jpeg", modern: false },
  { ext: "png", type: "image/png", modern: false },
  { ext: "gif", type: "image/gif", modern: false },
];

// The longest part of an Accept header that is read, in characters. Browsers send fewer than 200.
const longest = 1000;

function handler(event) {
  const request = event.request;
  const path = /^(\/[0-9a-v]\/[a-z0-9-]{1,63}\/[0-9a-v]{25,45}\/[a-z0-9-]{1,32})\.auto$/.exec(request.uri);
  if (!path) {
    return refusal(404, "Not Found", "want /{shard}/{board}/{id}/{name}.auto");
  }
  const there = [];
  for (let i = 0; i < formats.length; i++) {
    const parameter = request.querystring[formats[i].ext];
    if (!parameter) {
      continue;
    }
    if (parameter.multiValue || !/^[0-9a-f]{16}$/.test(parameter.value)) {
      return refusal(400, "Bad Request", formats[i].ext + ": want the 16 hexadecimal digits of one variant's key");
    }
    there.push({ format: formats[i], hash: parameter.value });
  }
  if (there.length === 0) {
    return refusal(400, "Bad Request", "want the variants that exist, such as ?avif=HASH&jpg=HASH");
  }
  const accepted = ranges(accept(request.headers.accept));
  let best = null;
  for (let i = 0; i < there.length; i++) {
    const rating = rate(there[i].format, i, accepted);
    if (!best || rating.quality > best.quality || (rating.quality === best.quality && rating.rank < best.rank)) {
      best = { quality: rating.quality, rank: rating.rank, file: "-" + there[i].hash + "." + there[i].format.ext };
    }
  }
  request.uri = path[1] + best.file;
  request.querystring = {};
  return request;
}

// accept returns the text of an Accept header. A viewer may send several, and one that sends none accepts everything.
function accept(header) {
  if (!header) {
    return "*/*";
  }
  const all = header.multiValue ? header.multiValue.map(v => v.value).join(",") : header.value;
  return all.slice(0, longest).toLowerCase();
}

// ranges returns the quality of each media range in an Accept header. It ignores what RFC 9110, section 12.5.1, does
// not allow, and every parameter but q.
function ranges(text) {
  const all = {};
  text.split(",").forEach(element => {
    const parts = element.split(";").map(part => part.trim());
    let q = 1;
    for (let i = 1; i < parts.length; i++) {
      if (parts[i].indexOf("q=") === 0) {
        q = /^q=(0(\.[0-9]*)?|1(\.0*)?)$/.test(parts[i]) ? Number(parts[i].slice(2)) : undefined;
      }
    }
    if (q !== undefined && (all[parts[0]] === undefined || q > all[parts[0]])) {
      all[parts[0]] = q;
    }
  });
  return all;
}

// rate returns how much a viewer wants a format, and the rank among equals: the lowest is best. A format that the
// header does not cover has quality 0, and one that it refuses has less. If it accepts no format, the photo has one all
// the same: RFC 9110 lets a server disregard the header, and a page can do nothing with an error.
function rate(format, rank, accepted) {
  let quality = accepted[format.type];
  const named = quality > 0;
  if (quality === undefined) {
    quality = accepted["image/*"];
  }
  if (quality === undefined) {
    quality = accepted["*/*"];
  }
  if (quality === undefined) {
    quality = 0;
  } else if (quality === 0) {
    quality = -1;
  }
  return { quality: quality, rank: format.modern && !named ? 2 * formats.length - rank : rank };
}

// refusal returns an answer that CloudFront sends without asking S3. No cache keeps it.
function refusal(status, description, text) {
  return {
    statusCode: status,
    statusDescription: description,
    headers: { "content-type": { value: "text/plain" }, "cache-control": { value: "no-store" } },
    body: text + "\n",
  };
}
