# Encodes PNG files with vipsthumbnail in several qualities, without resizing them:
#
#   sh vipsencode.sh OUT EXTENSION "QUALITY..." FILE...
#
# The files of DIR/large.png are OUT/large/q20.jpg and so on, with the extension.
set -eu
out=$1 extension=$2 grid=$3
shift 3
mkdir -p "$out"
for file; do
  name=${file##*/}
  mkdir -p "$out/${name%.*}"
done
for quality in $grid; do
  vipsthumbnail "$@" --size '100000x100000>' --output "$out/%s/q$quality$extension[Q=$quality,strip]"
done
