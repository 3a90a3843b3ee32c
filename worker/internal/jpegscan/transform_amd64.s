#include "textflag.h"

// EIGHT defines a constant of eight equal numbers.
#define EIGHT(name, v) \
DATA name<>+0(SB)/4, $v;  \
DATA name<>+4(SB)/4, $v;  \
DATA name<>+8(SB)/4, $v;  \
DATA name<>+12(SB)/4, $v; \
DATA name<>+16(SB)/4, $v; \
DATA name<>+20(SB)/4, $v; \
DATA name<>+24(SB)/4, $v; \
DATA name<>+28(SB)/4, $v; \
GLOBL name<>(SB), RODATA|NOPTR, $32

// HALVES defines a constant of four equal numbers and four others.
#define HALVES(name, v, w) \
DATA name<>+0(SB)/4, $v;  \
DATA name<>+4(SB)/4, $v;  \
DATA name<>+8(SB)/4, $v;  \
DATA name<>+12(SB)/4, $v; \
DATA name<>+16(SB)/4, $w; \
DATA name<>+20(SB)/4, $w; \
DATA name<>+24(SB)/4, $w; \
DATA name<>+28(SB)/4, $w; \
GLOBL name<>(SB), RODATA|NOPTR, $32

EIGHT(none, 0)
EIGHT(four, 4)
EIGHT(half8, 128)
EIGHT(half14, 8192)
EIGHT(half21, 1048576)
EIGHT(root, 181)
EIGHT(w3, 2408)
EIGHT(w6, 1108)
EIGHT(w7, 565)
EIGHT(w1minus7, 2276)
EIGHT(w1plus7, 3406)
EIGHT(w3minus5, 799)
EIGHT(w3plus5, 4017)
EIGHT(w2minus6, 1568)
EIGHT(w2plus6, 3784)

// PASS8 transforms Y0 to Y7 in place, eight rows or columns at a time. Rows have shift 11, round 128, odd 0 and down
// 8, and columns have shift 8, round 8192, odd 3 with carry 4, and down 14.
#define PASS8(shift, round, carry, odd, down) \
	VPADDD  Y7, Y1, Y8;               \
	VPMULLD w7<>(SB), Y8, Y8;         \
	VPADDD  carry, Y8, Y8;            \
	VPMULLD w1minus7<>(SB), Y1, Y1;   \
	VPADDD  Y8, Y1, Y1;               \
	VPMULLD w1plus7<>(SB), Y7, Y7;    \
	VPSUBD  Y7, Y8, Y7;               \
	VPADDD  Y5, Y3, Y9;               \
	VPMULLD w3<>(SB), Y9, Y9;         \
	VPADDD  carry, Y9, Y9;            \
	VPMULLD w3minus5<>(SB), Y5, Y5;   \
	VPSUBD  Y5, Y9, Y5;               \
	VPMULLD w3plus5<>(SB), Y3, Y3;    \
	VPSUBD  Y3, Y9, Y3;               \
	VPSRAD  odd, Y1, Y1;              \
	VPSRAD  odd, Y7, Y7;              \
	VPSRAD  odd, Y5, Y5;              \
	VPSRAD  odd, Y3, Y3;              \
	VPADDD  Y5, Y1, Y8;               \
	VPSUBD  Y5, Y1, Y1;               \
	VPADDD  Y3, Y7, Y9;               \
	VPSUBD  Y3, Y7, Y7;               \
	VPADDD  Y7, Y1, Y5;               \
	VPSUBD  Y7, Y1, Y3;               \
	VPMULLD root<>(SB), Y5, Y5;       \
	VPMULLD root<>(SB), Y3, Y3;       \
	VPADDD  half8<>(SB), Y5, Y5;      \
	VPADDD  half8<>(SB), Y3, Y3;      \
	VPSRAD  $8, Y5, Y5;               \
	VPSRAD  $8, Y3, Y3;               \
	VPADDD  Y6, Y2, Y10;              \
	VPMULLD w6<>(SB), Y10, Y10;       \
	VPADDD  carry, Y10, Y10;          \
	VPMULLD w2plus6<>(SB), Y6, Y6;    \
	VPSUBD  Y6, Y10, Y6;              \
	VPMULLD w2minus6<>(SB), Y2, Y2;   \
	VPADDD  Y2, Y10, Y2;              \
	VPSRAD  odd, Y6, Y6;              \
	VPSRAD  odd, Y2, Y2;              \
	VPSLLD  shift, Y0, Y0;            \
	VPADDD  round, Y0, Y0;            \
	VPSLLD  shift, Y4, Y4;            \
	VPADDD  Y4, Y0, Y10;              \
	VPSUBD  Y4, Y0, Y0;               \
	VPADDD  Y2, Y10, Y11;             \
	VPSUBD  Y2, Y10, Y10;             \
	VPADDD  Y6, Y0, Y12;              \
	VPSUBD  Y6, Y0, Y0;               \
	VPADDD  Y5, Y12, Y1;              \
	VPSUBD  Y5, Y12, Y6;              \
	VPADDD  Y3, Y0, Y2;               \
	VPSUBD  Y3, Y0, Y5;               \
	VPADDD  Y9, Y10, Y3;              \
	VPSUBD  Y9, Y10, Y4;              \
	VPADDD  Y8, Y11, Y0;              \
	VPSUBD  Y8, Y11, Y7;              \
	VPSRAD  down, Y0, Y0;             \
	VPSRAD  down, Y1, Y1;             \
	VPSRAD  down, Y2, Y2;             \
	VPSRAD  down, Y3, Y3;             \
	VPSRAD  down, Y4, Y4;             \
	VPSRAD  down, Y5, Y5;             \
	VPSRAD  down, Y6, Y6;             \
	VPSRAD  down, Y7, Y7

// func transform8Vector(b *[64]int32, out *byte, stride int)
TEXT ·transform8Vector(SB), NOSPLIT, $0-24
	MOVQ b+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ stride+16(FP), CX

	VMOVDQU 0(SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU 64(SI), Y2
	VMOVDQU 96(SI), Y3
	VMOVDQU 128(SI), Y4
	VMOVDQU 160(SI), Y5
	VMOVDQU 192(SI), Y6
	VMOVDQU 224(SI), Y7
	PASS8($11, half8<>(SB), none<>(SB), $0, $8)

	// The results are columns. Transpose them to rows.
	VPUNPCKLDQ Y1, Y0, Y8
	VPUNPCKHDQ Y1, Y0, Y9
	VPUNPCKLDQ Y3, Y2, Y10
	VPUNPCKHDQ Y3, Y2, Y11
	VPUNPCKLDQ Y5, Y4, Y12
	VPUNPCKHDQ Y5, Y4, Y13
	VPUNPCKLDQ Y7, Y6, Y14
	VPUNPCKHDQ Y7, Y6, Y15
	VPUNPCKLQDQ Y10, Y8, Y0
	VPUNPCKHQDQ Y10, Y8, Y1
	VPUNPCKLQDQ Y11, Y9, Y2
	VPUNPCKHQDQ Y11, Y9, Y3
	VPUNPCKLQDQ Y14, Y12, Y8
	VPUNPCKHQDQ Y14, Y12, Y9
	VPUNPCKLQDQ Y15, Y13, Y10
	VPUNPCKHQDQ Y15, Y13, Y11
	VPERM2I128 $0x31, Y8, Y0, Y4
	VPERM2I128 $0x31, Y9, Y1, Y5
	VPERM2I128 $0x31, Y10, Y2, Y6
	VPERM2I128 $0x31, Y11, Y3, Y7
	VPERM2I128 $0x20, Y8, Y0, Y0
	VPERM2I128 $0x20, Y9, Y1, Y1
	VPERM2I128 $0x20, Y10, Y2, Y2
	VPERM2I128 $0x20, Y11, Y3, Y3
	PASS8($8, half14<>(SB), four<>(SB), $3, $14)

	VMOVDQU half8<>(SB), Y8
	VPADDD Y8, Y0, Y0
	VPADDD Y8, Y1, Y1
	VPADDD Y8, Y2, Y2
	VPADDD Y8, Y3, Y3
	VPADDD Y8, Y4, Y4
	VPADDD Y8, Y5, Y5
	VPADDD Y8, Y6, Y6
	VPADDD Y8, Y7, Y7
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPACKSSDW Y5, Y4, Y4
	VPACKSSDW Y7, Y6, Y6
	VPACKUSWB Y2, Y0, Y0 // the left halves of rows 0 to 3, then the right halves
	VPACKUSWB Y6, Y4, Y4
	VMOVDQU halves<>(SB), Y8
	VPERMD Y0, Y8, Y0
	VPERMD Y4, Y8, Y4

	LEAQ (CX)(CX*2), R8
	LEAQ (DI)(CX*4), R9
	VEXTRACTI128 $1, Y0, X1
	VEXTRACTI128 $1, Y4, X5
	VMOVQ X0, (DI)
	VPEXTRQ $1, X0, (DI)(CX*1)
	VMOVQ X1, (DI)(CX*2)
	VPEXTRQ $1, X1, (DI)(R8*1)
	VMOVQ X4, (R9)
	VPEXTRQ $1, X4, (R9)(CX*1)
	VMOVQ X5, (R9)(CX*2)
	VPEXTRQ $1, X5, (R9)(R8*1)
	VZEROUPPER
	RET

DATA halves<>+0(SB)/4, $0
DATA halves<>+4(SB)/4, $4
DATA halves<>+8(SB)/4, $1
DATA halves<>+12(SB)/4, $5
DATA halves<>+16(SB)/4, $2
DATA halves<>+20(SB)/4, $6
DATA halves<>+24(SB)/4, $3
DATA halves<>+28(SB)/4, $7
GLOBL halves<>(SB), RODATA|NOPTR, $32

HALVES(plusMinus, 1, -1)
HALVES(r1r3, 10703, 4433)
HALVES(r3r1, 4433, -10703)

// PASS4 transforms four rows or columns. Y0 to Y3 hold their numbers twice, in both halves. Y4 gets results 0 and 1,
// and Y5 gets results 3 and 2.
#define PASS4(round, down) \
	VPSIGND plusMinus<>(SB), Y2, Y2; \
	VPADDD  Y2, Y0, Y0;              \
	VPSLLD  $13, Y0, Y0;             \
	VPADDD  round, Y0, Y0;           \
	VPMULLD r1r3<>(SB), Y1, Y1;      \
	VPMULLD r3r1<>(SB), Y3, Y3;      \
	VPADDD  Y3, Y1, Y1;              \
	VPADDD  Y1, Y0, Y4;              \
	VPSUBD  Y1, Y0, Y5;              \
	VPSRAD  down, Y4, Y4;            \
	VPSRAD  down, Y5, Y5

// func transform4Vector(b *[16]int32, out *byte, stride int)
TEXT ·transform4Vector(SB), NOSPLIT, $0-24
	MOVQ b+0(FP), SI
	MOVQ out+8(FP), DI
	MOVQ stride+16(FP), CX

	VBROADCASTI128 0(SI), Y0
	VBROADCASTI128 16(SI), Y1
	VBROADCASTI128 32(SI), Y2
	VBROADCASTI128 48(SI), Y3
	PASS4(half8<>(SB), $8)

	// Transpose the columns to rows, each with its numbers in the order 0, 3, 1, 2.
	VPUNPCKLDQ Y5, Y4, Y6
	VPUNPCKHDQ Y5, Y4, Y7
	VPERMQ $0x88, Y6, Y0
	VPERMQ $0xdd, Y6, Y1
	VPERMQ $0x88, Y7, Y2
	VPERMQ $0xdd, Y7, Y3
	PASS4(half21<>(SB), $21)

	VMOVDQU half8<>(SB), Y8
	VPADDD Y8, Y4, Y4
	VPADDD Y8, Y5, Y5
	VPACKSSDW Y5, Y4, Y4
	VPACKUSWB Y4, Y4, Y4
	VPSHUFB inOrder<>(SB), Y4, Y4
	VEXTRACTI128 $1, Y4, X5
	LEAQ (CX)(CX*2), R8
	VMOVD X4, (DI)
	VMOVD X5, (DI)(CX*1)
	VPEXTRD $1, X5, (DI)(CX*2)
	VPEXTRD $1, X4, (DI)(R8*1)
	VZEROUPPER
	RET

DATA inOrder<>+0(SB)/8, $0x0507060401030200
DATA inOrder<>+8(SB)/8, $0x0507060401030200
DATA inOrder<>+16(SB)/8, $0x0507060401030200
DATA inOrder<>+24(SB)/8, $0x0507060401030200
GLOBL inOrder<>(SB), RODATA|NOPTR, $32
