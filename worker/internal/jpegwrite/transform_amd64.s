#include "textflag.h"

// TWICE defines a constant of 16 bytes, twice.
#define TWICE(name, low, high) \
DATA name<>+0(SB)/8, $low;   \
DATA name<>+8(SB)/8, $high;  \
DATA name<>+16(SB)/8, $low;  \
DATA name<>+24(SB)/8, $high; \
GLOBL name<>(SB), RODATA|NOPTR, $32

// Factors of two numbers that lie side by side.
TWICE(c2c6, 0x22a3539f22a3539f, 0x22a3539f22a3539f) // 21407, 8867
TWICE(c6c2, 0xac6122a3ac6122a3, 0xac6122a3ac6122a3) // 8867, -21407
TWICE(c1c3, 0x4b4258c54b4258c5, 0x4b4258c54b4258c5) // 22725, 19266
TWICE(c5c7, 0x11a8324911a83249, 0x11a8324911a83249) // 12873, 4520
TWICE(c3c7, 0xee584b42ee584b42, 0xee584b42ee584b42) // 19266, -4520
TWICE(c1c5, 0xcdb7a73bcdb7a73b, 0xcdb7a73bcdb7a73b) // -22725, -12873
TWICE(c5c1, 0xa73b3249a73b3249, 0xa73b3249a73b3249) // 12873, -22725
TWICE(c7c3, 0x4b4211a84b4211a8, 0x4b4211a84b4211a8) // 4520, 19266
TWICE(c7c5, 0xcdb711a8cdb711a8, 0xcdb711a8cdb711a8) // 4520, -12873
TWICE(c3c1, 0xa73b4b42a73b4b42, 0xa73b4b42a73b4b42) // 19266, -22725

TWICE(half12, 0x0000080000000800, 0x0000080000000800) // 1<<11
TWICE(half14, 0x0000200000002000, 0x0000200000002000) // 1<<13
TWICE(centre, 0x0400040004000400, 0x0400040004000400) // 8 * 128
TWICE(ones, 0x0101010101010101, 0x0101010101010101)
TWICE(twos, 0x0202020202020202, 0x0202020202020202)
TWICE(fours, 0x0404040404040404, 0x0404040404040404)

// zigzagGP says which bytes of columns 2*P and 2*P+1 of a block have the places 16*G to 16*G+15 of the zigzag order.
TWICE(zigzag00, 0x8080800902010800, 0x808080800b04030a)
TWICE(zigzag01, 0x0108008080808080, 0x8080090280808080)
TWICE(zigzag02, 0x8080808080808080, 0x0800808080808080)
TWICE(zigzag10, 0x800d06050c808080, 0x8080808080808080)
TWICE(zigzag11, 0x0480808080030a80, 0x808080808080800b)
TWICE(zigzag12, 0x8080808080808001, 0x030a808080090280)
TWICE(zigzag13, 0x8080808080808080, 0x8080010800808080)
TWICE(zigzag20, 0x8080800f070e8080, 0x8080808080808080)
TWICE(zigzag21, 0x800d06808080050c, 0x0e80808080808080)
TWICE(zigzag22, 0x0480808080808080, 0x80050c808080800b)
TWICE(zigzag23, 0x8080808080808080, 0x808080030a090280)
TWICE(zigzag31, 0x8080808080800f07, 0x8080808080808080)
TWICE(zigzag32, 0x808080800d068080, 0x80808080800f070e)
TWICE(zigzag33, 0x050c0b0480808080, 0x0f070e0d06808080)

// ROTATE sets dst to ( p * f + q * g + half ) >> down. The lower halves of p and q are in pl and ql and the upper ones in ph
// and qh. It destroys Y8 to Y10.
#define ROTATE(pl, ph, f, ql, qh, g, half, down, dst) \
	VPMADDWD  f<>(SB), pl, Y8;    \
	VPMADDWD  g<>(SB), ql, Y10;   \
	VPADDD    Y10, Y8, Y8;        \
	VPMADDWD  f<>(SB), ph, Y9;    \
	VPMADDWD  g<>(SB), qh, Y10;   \
	VPADDD    Y10, Y9, Y9;        \
	VPADDD    half<>(SB), Y8, Y8; \
	VPADDD    half<>(SB), Y9, Y9; \
	VPSRAD    down, Y8, Y8;       \
	VPSRAD    down, Y9, Y9;       \
	VPACKSSDW Y9, Y8, dst

// ROTATEONE is ROTATE with p alone.
#define ROTATEONE(pl, ph, f, half, down, dst) \
	VPMADDWD  f<>(SB), pl, Y8;    \
	VPMADDWD  f<>(SB), ph, Y9;    \
	VPADDD    half<>(SB), Y8, Y8; \
	VPADDD    half<>(SB), Y9, Y9; \
	VPSRAD    down, Y8, Y8;       \
	VPSRAD    down, Y9, Y9;       \
	VPACKSSDW Y9, Y8, dst

// BUTTERFLY transforms the numbers in Y0 to Y7. It leaves results 0, 4, 2 and 6 in Y12 to Y15, and results 1, 3, 5 and
// 7 in Y0 to Y3. Results 0 and 4 are not shifted yet.
#define BUTTERFLY(half, down) \
	VPADDW     Y7, Y0, Y8;                              \
	VPSUBW     Y7, Y0, Y0;                              \
	VPADDW     Y6, Y1, Y9;                              \
	VPSUBW     Y6, Y1, Y1;                              \
	VPADDW     Y5, Y2, Y10;                             \
	VPSUBW     Y5, Y2, Y2;                              \
	VPADDW     Y4, Y3, Y11;                             \
	VPSUBW     Y4, Y3, Y3;                              \
	VPADDW     Y11, Y8, Y4;                             \
	VPSUBW     Y11, Y8, Y8;                             \
	VPADDW     Y10, Y9, Y5;                             \
	VPSUBW     Y10, Y9, Y9;                             \
	VPADDW     Y5, Y4, Y12;                             \
	VPSUBW     Y5, Y4, Y13;                             \
	VPUNPCKLWD Y9, Y8, Y6;                              \
	VPUNPCKHWD Y9, Y8, Y7;                              \
	ROTATEONE(Y6, Y7, c2c6, half, down, Y14);           \
	ROTATEONE(Y6, Y7, c6c2, half, down, Y15);           \
	VPUNPCKLWD Y1, Y0, Y4;                              \
	VPUNPCKHWD Y1, Y0, Y5;                              \
	VPUNPCKLWD Y3, Y2, Y6;                              \
	VPUNPCKHWD Y3, Y2, Y7;                              \
	ROTATE(Y4, Y5, c1c3, Y6, Y7, c5c7, half, down, Y0); \
	ROTATE(Y4, Y5, c3c7, Y6, Y7, c1c5, half, down, Y1); \
	ROTATE(Y4, Y5, c5c1, Y6, Y7, c7c3, half, down, Y2); \
	ROTATE(Y4, Y5, c7c5, Y6, Y7, c3c1, half, down, Y3)

// DIVIDE quantises columns u and u+1, at byte 16*u of each block, and stores them. They are in a and b, whose lower halves
// are xa and xb. It leaves their magnitudes in a, as bytes, and destroys b and Y8 to Y10.
#define DIVIDE(at, a, xa, b, xb) \
	VPABSW         a, Y8;                     \
	VPABSW         b, Y9;                     \
	VBROADCASTI128 (at+0)(BX), Y10;           \
	VPADDW         Y10, Y8, Y8;               \
	VBROADCASTI128 (at+16)(BX), Y10;          \
	VPADDW         Y10, Y9, Y9;               \
	VBROADCASTI128 (at+128)(BX), Y10;         \
	VPMULHUW       Y10, Y8, Y8;               \
	VBROADCASTI128 (at+144)(BX), Y10;         \
	VPMULHUW       Y10, Y9, Y9;               \
	VBROADCASTI128 (at+256)(BX), Y10;         \
	VPMULHUW       Y10, Y8, Y8;               \
	VBROADCASTI128 (at+272)(BX), Y10;         \
	VPMULHUW       Y10, Y9, Y9;               \
	VPSIGNW        a, Y8, a;                  \
	VPSIGNW        b, Y9, b;                  \
	VMOVDQU        xa, (at+0)(DI);            \
	VMOVDQU        xb, (at+16)(DI);           \
	VEXTRACTI128   $1, a, (at+128)(DI);       \
	VEXTRACTI128   $1, b, (at+144)(DI);       \
	VPACKUSWB      Y9, Y8, a

// MASK stores the mask of the 64 bytes in a and b that are not 0.
#define MASK(a, b, to) \
	VPCMPEQB  a, Y15, Y12; \
	VPCMPEQB  b, Y15, Y13; \
	VPMOVMSKB Y12, AX;     \
	VPMOVMSKB Y13, DX;     \
	SHLQ      $32, DX;     \
	ORQ       DX, AX;      \
	NOTQ      AX;          \
	MOVQ      AX, to

// func transformBlocksAVX2(dst *block, m *masks, pix *byte, stride, pairs, precisions int, d *divisors)
TEXT ·transformBlocksAVX2(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ m+8(FP), R8
	MOVQ pix+16(FP), SI
	MOVQ stride+24(FP), R9
	MOVQ pairs+32(FP), CX
	MOVQ precisions+40(FP), R12
	MOVQ d+48(FP), BX
	LEAQ (R9)(R9*2), R10

pair:
	// Load the rows of the first block into the lower halves, and those of the second into the upper ones.
	LEAQ      (SI)(R9*4), R11
	VPMOVZXBW (SI), Y0
	VPMOVZXBW (SI)(R9*1), Y1
	VPMOVZXBW (SI)(R9*2), Y2
	VPMOVZXBW (SI)(R10*1), Y3
	VPMOVZXBW (R11), Y4
	VPMOVZXBW (R11)(R9*1), Y5
	VPMOVZXBW (R11)(R9*2), Y6
	VPMOVZXBW (R11)(R10*1), Y7
	BUTTERFLY(half12, $12)
	VPSUBW    centre<>(SB), Y12, Y12
	VPSLLW    $2, Y12, Y12
	VPSLLW    $2, Y13, Y13

	// Rows 0 to 7 of the results are in Y12, Y0, Y14, Y1, Y13, Y2, Y15 and Y3. Transpose them to columns.
	VPUNPCKLWD  Y0, Y12, Y4
	VPUNPCKHWD  Y0, Y12, Y5
	VPUNPCKLWD  Y1, Y14, Y6
	VPUNPCKHWD  Y1, Y14, Y7
	VPUNPCKLWD  Y2, Y13, Y8
	VPUNPCKHWD  Y2, Y13, Y9
	VPUNPCKLWD  Y3, Y15, Y10
	VPUNPCKHWD  Y3, Y15, Y11
	VPUNPCKLDQ  Y6, Y4, Y12
	VPUNPCKHDQ  Y6, Y4, Y13
	VPUNPCKLDQ  Y7, Y5, Y14
	VPUNPCKHDQ  Y7, Y5, Y15
	VPUNPCKLDQ  Y10, Y8, Y4
	VPUNPCKHDQ  Y10, Y8, Y5
	VPUNPCKLDQ  Y11, Y9, Y6
	VPUNPCKHDQ  Y11, Y9, Y7
	VPUNPCKLQDQ Y4, Y12, Y0
	VPUNPCKHQDQ Y4, Y12, Y1
	VPUNPCKLQDQ Y5, Y13, Y2
	VPUNPCKHQDQ Y5, Y13, Y3
	VPUNPCKLQDQ Y6, Y14, Y4
	VPUNPCKHQDQ Y6, Y14, Y5
	VPUNPCKLQDQ Y7, Y15, Y6
	VPUNPCKHQDQ Y7, Y15, Y7
	BUTTERFLY(half14, $14)

	DIVIDE(0, Y12, X12, Y0, X0)
	DIVIDE(32, Y14, X14, Y1, X1)
	DIVIDE(64, Y13, X13, Y2, X2)
	DIVIDE(96, Y15, X15, Y3, X3)

	// The bytes of columns 0 and 1, 2 and 3, 4 and 5, 6 and 7 are in Y12, Y14, Y13 and Y15. Sort them into four groups
	// in zigzag order.
	VPSHUFB zigzag00<>(SB), Y12, Y0
	VPSHUFB zigzag01<>(SB), Y14, Y4
	VPSHUFB zigzag02<>(SB), Y13, Y5
	VPOR    Y4, Y0, Y0
	VPOR    Y5, Y0, Y0
	VPSHUFB zigzag10<>(SB), Y12, Y1
	VPSHUFB zigzag11<>(SB), Y14, Y4
	VPSHUFB zigzag12<>(SB), Y13, Y5
	VPSHUFB zigzag13<>(SB), Y15, Y6
	VPOR    Y4, Y1, Y1
	VPOR    Y6, Y5, Y5
	VPOR    Y5, Y1, Y1
	VPSHUFB zigzag20<>(SB), Y12, Y2
	VPSHUFB zigzag21<>(SB), Y14, Y4
	VPSHUFB zigzag22<>(SB), Y13, Y5
	VPSHUFB zigzag23<>(SB), Y15, Y6
	VPOR    Y4, Y2, Y2
	VPOR    Y6, Y5, Y5
	VPOR    Y5, Y2, Y2
	VPSHUFB zigzag31<>(SB), Y14, Y3
	VPSHUFB zigzag32<>(SB), Y13, Y4
	VPSHUFB zigzag33<>(SB), Y15, Y5
	VPOR    Y4, Y3, Y3
	VPOR    Y5, Y3, Y3

	// The first block is in Y4 and Y5, and the second in Y6 and Y7.
	VPERM2I128 $0x20, Y1, Y0, Y4
	VPERM2I128 $0x20, Y3, Y2, Y5
	VPERM2I128 $0x31, Y1, Y0, Y6
	VPERM2I128 $0x31, Y3, Y2, Y7
	VPXOR      Y15, Y15, Y15
	MASK(Y4, Y5, (R8))
	MASK(Y6, Y7, 32(R8))
	CMPQ       R12, $1
	JE         next
	VMOVDQU    ones<>(SB), Y0
	VPSUBUSB   Y0, Y4, Y4
	VPSUBUSB   Y0, Y5, Y5
	VPSUBUSB   Y0, Y6, Y6
	VPSUBUSB   Y0, Y7, Y7
	MASK(Y4, Y5, 8(R8))
	MASK(Y6, Y7, 40(R8))
	VMOVDQU    twos<>(SB), Y0
	VPSUBUSB   Y0, Y4, Y4
	VPSUBUSB   Y0, Y5, Y5
	VPSUBUSB   Y0, Y6, Y6
	VPSUBUSB   Y0, Y7, Y7
	MASK(Y4, Y5, 16(R8))
	MASK(Y6, Y7, 48(R8))
	VMOVDQU    fours<>(SB), Y0
	VPSUBUSB   Y0, Y4, Y4
	VPSUBUSB   Y0, Y5, Y5
	VPSUBUSB   Y0, Y6, Y6
	VPSUBUSB   Y0, Y7, Y7
	MASK(Y4, Y5, 24(R8))
	MASK(Y6, Y7, 56(R8))

next:
	ADDQ $256, DI
	ADDQ $64, R8
	ADDQ $16, SI
	DECQ CX
	JNZ  pair
	VZEROUPPER
	RET
