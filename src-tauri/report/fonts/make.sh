#!/bin/sh
# Makes the typefaces of this folder again. Needs fonttools (pyftsubset), and from Debian 12 the packages fonts-noto-cjk and
# fonts-noto-core; Noto Emoji comes from the npm package @expo-google-fonts/noto-emoji 0.4.7.
# usage: make.sh CJK_FOLDER CORE_FOLDER NOTO_EMOJI.ttf
set -eu
cjk=$1 core=$2 emoji=$3
here=$(dirname "$0")
latin="U+0020-024F,U+0250-02FF,U+0300-036F,U+0370-03FF,U+0400-04FF,U+1E00-1EFF,U+2000-206F,U+2070-209F,U+20A0-20CF,U+2100-214F,U+2150-218F,U+2190-21FF,U+2200-22FF,U+2300-23FF,U+2460-24FF,U+2500-257F,U+2580-25FF,U+2600-26FF,U+2700-27BF"
east="U+2E80-2FDF,U+3000-303F,U+3040-30FF,U+3100-312F,U+31A0-31FF,U+3200-33FF,U+FE10-FE1F,U+FE30-FE4F,U+FF00-FFEF"
subset() { # from, to, options
    from=$1 to=$2
    shift 2
    pyftsubset "$from" --no-hinting --notdef-outline --output-file="$here/$to" "$@"
}
# Without `locl`, which would bring the Japanese, Korean and Taiwanese shapes of the same characters.
shaping="--layout-features=kern,liga,ccmp,mark,mkmk"
# Face 2 of the collection is the simplified Chinese one. A character beyond the first plane makes the table of characters one
# without a limit of 64 KiB; the shorter kind would lose those from U+9000 on.
beyond="U+20BB7"
subset "$cjk/NotoSansCJK-Regular.ttc" NotoSansCJKsc-Regular.otf --font-number=2 "$shaping" \
    --unicodes="$latin,$east,U+3400-4DBF,U+4E00-9FFF,U+AC00-D7A3,$beyond"
# Headings: the 3,755 everyday characters (GB 2312, first level).
everyday=$(python3 -c "print(''.join(bytes([r, c]).decode('gb2312', 'ignore') for r in range(0xB0, 0xD8) for c in range(0xA1, 0xFF)))")
subset "$cjk/NotoSansCJK-Bold.ttc" NotoSansCJKsc-Bold.otf --font-number=2 "$shaping" --unicodes="U+0020-024F,U+2000-206F,U+20A0-20CF,U+3000-303F,U+FF00-FFEF" --text="$everyday"
for script in Arabic Hebrew Thai; do
    subset "$core/NotoSans$script-Regular.ttf" "NotoSans$script-Regular.ttf" --layout-features='*' --glyphs='*' --unicodes='*'
done
subset "$emoji" NotoEmoji-Regular.ttf --layout-features='*' --glyphs='*' --unicodes='*'
