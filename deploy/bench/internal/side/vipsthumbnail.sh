# Makes the variants of HEIC photos with vipsthumbnail:
#
#   sh vipsthumbnail.sh OUT SUFFIX LARGE MEDIUM SMALL FILE...
#
# SUFFIX is the extension of the variants and their options, such as .jpg[Q=80,strip]. LARGE, MEDIUM and SMALL are sizes as
# vipsthumbnail takes them. The variants of DIR/000.heic are OUT/000/large.jpg, medium.jpg and small.jpg. Each photo is decoded once, to uncompressed pixels of the large size in sRGB. Each smaller size
# is made from the one before. vipsthumbnail makes one file from each photo, so every step is a process, which does it for
# all photos. JPEG has standard Huffman tables, vipsthumbnail's default, and no metadata.
set -eu
out=$1 suffix=$2 large=$3 medium=$4 small=$5
shift 5
mkdir -p "$out"
folders=
for file; do
  name=${file##*/}
  folders="$folders ${name%.*}"
done
(cd "$out" && mkdir $folders)

vipsthumbnail "$@" --size "$large" --export-profile srgb --output "$out/%s/large.v"
# Names without a folder are in the folder of the input. libvips has turned the photo upright, but keeps EXIF's orientation.
vipsthumbnail "$out"/*/large.v --no-rotate --size "$large" --output "large$suffix"
vipsthumbnail "$out"/*/large.v --no-rotate --size "$medium" --output medium.v
vipsthumbnail "$out"/*/medium.v --no-rotate --size "$medium" --output "medium$suffix"
vipsthumbnail "$out"/*/medium.v --no-rotate --size "$small" --output "small$suffix"
