// Code that the kernels of luma and of chroma share.

// firstOfFour gives each word of a segment the value of its first word.
DATA firstOfFour<>+0(SB)/8, $0x0100010001000100
DATA firstOfFour<>+8(SB)/8, $0x0908090809080908
DATA firstOfFour<>+16(SB)/8, $0x0100010001000100
DATA firstOfFour<>+24(SB)/8, $0x0908090809080908
GLOBL firstOfFour<>(SB), RODATA, $32

// Rows of samples across vertical edges: the first eight, and the rows for the upper halves of vectors.
#define ROW0 (DI)
#define ROW1 (DI)(R11*1)
#define ROW2 (DI)(R11*2)
#define ROW3 (DI)(R12*1)
#define ROW4 (R13)
#define ROW5 (R13)(R11*1)
#define ROW6 (R13)(R11*2)
#define ROW7 (R13)(R12*1)
#define HIGH0 (AX)
#define HIGH1 (AX)(R11*1)
#define HIGH2 (AX)(R11*2)
#define HIGH3 (AX)(R12*1)
#define HIGH4 (DX)
#define HIGH5 (DX)(R11*1)
#define HIGH6 (DX)(R11*2)
#define HIGH7 (DX)(R12*1)

// ROWS sets the registers of the rows, the first of which is at DI. R11 is the distance between rows in bytes, R12 is
// 3*R11.
#define ROWS \
	LEAQ (DI)(R11*4), R13; \
	MOVQ high-8(SP), AX;   \
	ADDQ DI, AX;           \
	LEAQ (AX)(R11*4), DX

#define LOADROWS \
	VMOVDQU     ROW0, X0; \
	VMOVDQU     ROW1, X1; \
	VMOVDQU     ROW2, X2; \
	VMOVDQU     ROW3, X3; \
	VMOVDQU     ROW4, X4; \
	VMOVDQU     ROW5, X5; \
	VMOVDQU     ROW6, X6; \
	VMOVDQU     ROW7, X7; \
	VINSERTI128 $1, HIGH0, Y0, Y0; \
	VINSERTI128 $1, HIGH1, Y1, Y1; \
	VINSERTI128 $1, HIGH2, Y2, Y2; \
	VINSERTI128 $1, HIGH3, Y3, Y3; \
	VINSERTI128 $1, HIGH4, Y4, Y4; \
	VINSERTI128 $1, HIGH5, Y5, Y5; \
	VINSERTI128 $1, HIGH6, Y6, Y6; \
	VINSERTI128 $1, HIGH7, Y7, Y7

// STOREROWS stores the upper halves first: if there are only eight rows, the upper halves hold the same rows,
// unchanged.
#define STOREROWS(r0, r1, r2, r3, r4, r5, r6, r7, x0, x1, x2, x3, x4, x5, x6, x7) \
	VEXTRACTI128 $1, r0, HIGH0; \
	VEXTRACTI128 $1, r1, HIGH1; \
	VEXTRACTI128 $1, r2, HIGH2; \
	VEXTRACTI128 $1, r3, HIGH3; \
	VEXTRACTI128 $1, r4, HIGH4; \
	VEXTRACTI128 $1, r5, HIGH5; \
	VEXTRACTI128 $1, r6, HIGH6; \
	VEXTRACTI128 $1, r7, HIGH7; \
	VMOVDQU      x0, ROW0; \
	VMOVDQU      x1, ROW1; \
	VMOVDQU      x2, ROW2; \
	VMOVDQU      x3, ROW3; \
	VMOVDQU      x4, ROW4; \
	VMOVDQU      x5, ROW5; \
	VMOVDQU      x6, ROW6; \
	VMOVDQU      x7, ROW7

// TRANSPOSE makes the eight rows of eight words in each half of a0 to a7 the columns of b0 to b7. It overwrites a0 to
// a7.
#define TRANSPOSE(a0, a1, a2, a3, a4, a5, a6, a7, b0, b1, b2, b3, b4, b5, b6, b7) \
	VPUNPCKLWD  a1, a0, b0; \
	VPUNPCKHWD  a1, a0, b1; \
	VPUNPCKLWD  a3, a2, b2; \
	VPUNPCKHWD  a3, a2, b3; \
	VPUNPCKLWD  a5, a4, b4; \
	VPUNPCKHWD  a5, a4, b5; \
	VPUNPCKLWD  a7, a6, b6; \
	VPUNPCKHWD  a7, a6, b7; \
	VPUNPCKLDQ  b2, b0, a0; \
	VPUNPCKHDQ  b2, b0, a1; \
	VPUNPCKLDQ  b3, b1, a2; \
	VPUNPCKHDQ  b3, b1, a3; \
	VPUNPCKLDQ  b6, b4, a4; \
	VPUNPCKHDQ  b6, b4, a5; \
	VPUNPCKLDQ  b7, b5, a6; \
	VPUNPCKHDQ  b7, b5, a7; \
	VPUNPCKLQDQ a4, a0, b0; \
	VPUNPCKHQDQ a4, a0, b1; \
	VPUNPCKLQDQ a5, a1, b2; \
	VPUNPCKHQDQ a5, a1, b3; \
	VPUNPCKLQDQ a6, a2, b4; \
	VPUNPCKHQDQ a6, a2, b5; \
	VPUNPCKLQDQ a7, a3, b6; \
	VPUNPCKHQDQ a7, a3, b7
