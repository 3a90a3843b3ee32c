//go:build !noasm

#include "textflag.h"

// PLACE finds the references of a row at R8/32. It stores their address in R9 and the fraction, in units of 1/(1<<15),
// in the register, and moves R8 to the next row.
#define PLACE(x, y) \
	MOVQ         R8, AX;         \
	MOVL         R8, BX;         \
	SARQ         $5, AX;         \
	ANDL         $31, BX;        \
	LEAQ         (SI)(AX*2), R9; \
	SHLL         $10, BX;        \
	ADDQ         R10, R8;        \
	VMOVD        BX, x;          \
	VPBROADCASTW x, y

// BETWEEN sets a to a + round((b - a) * fraction).
#define BETWEEN(a, b, fraction) \
	VPSUBW     a, b, b;        \
	VPMULHRSW  fraction, b, b; \
	VPADDW     b, a, a

// func predictAlongVector(dst *uint16, stride int, ref *uint16, angle, size int)
TEXT ·predictAlongVector(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), DX
	MOVQ ref+16(FP), SI
	MOVQ angle+24(FP), R10
	MOVQ size+32(FP), CX
	ADDQ DX, DX
	MOVQ R10, R8
	CMPQ CX, $8
	JEQ  rows8
	JLT  rows4
	CMPQ CX, $16
	JEQ  rows16

rows32:
	PLACE(X2, Y2)
	VMOVDQU (R9), Y0
	VMOVDQU 2(R9), Y1
	VMOVDQU 32(R9), Y3
	VMOVDQU 34(R9), Y4
	BETWEEN(Y0, Y1, Y2)
	BETWEEN(Y3, Y4, Y2)
	VMOVDQU Y0, (DI)
	VMOVDQU Y3, 32(DI)
	ADDQ DX, DI
	DECQ CX
	JNE  rows32
	VZEROUPPER
	RET

rows16:
	PLACE(X2, Y2)
	VMOVDQU (R9), Y0
	VMOVDQU 2(R9), Y1
	BETWEEN(Y0, Y1, Y2)
	VMOVDQU Y0, (DI)
	ADDQ DX, DI
	DECQ CX
	JNE  rows16
	VZEROUPPER
	RET

rows8:
	PLACE(X2, X2)
	VMOVDQU (R9), X0
	VMOVDQU 2(R9), X1
	BETWEEN(X0, X1, X2)
	VMOVDQU X0, (DI)
	ADDQ DX, DI
	DECQ CX
	JNE  rows8
	VZEROUPPER
	RET

rows4:
	PLACE(X2, X2)
	VMOVQ (R9), X0
	VMOVQ 2(R9), X1
	BETWEEN(X0, X1, X2)
	VMOVQ X0, (DI)
	ADDQ DX, DI
	DECQ CX
	JNE  rows4
	VZEROUPPER
	RET

// func transposeVector(dst *uint16, stride int, from *uint16, size int)
TEXT ·transposeVector(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), DX
	MOVQ from+16(FP), SI
	MOVQ size+24(FP), CX
	ADDQ DX, DX
	CMPQ CX, $4
	JEQ  four
	ADDQ CX, CX            // bytes in a row of from
	LEAQ (CX)(CX*2), R8
	LEAQ (DX)(DX*2), R9
	MOVQ CX, R12           // bytes in the remaining columns

columns:
	MOVQ SI, R10
	MOVQ DI, R11
	MOVQ CX, R13

rows:
	LEAQ    (R10)(CX*4), AX
	VMOVDQU (R10), X0
	VMOVDQU (R10)(CX*1), X1
	VMOVDQU (R10)(CX*2), X2
	VMOVDQU (R10)(R8*1), X3
	VMOVDQU (AX), X4
	VMOVDQU (AX)(CX*1), X5
	VMOVDQU (AX)(CX*2), X6
	VMOVDQU (AX)(R8*1), X7

	VPUNPCKLWD X1, X0, X8
	VPUNPCKHWD X1, X0, X9
	VPUNPCKLWD X3, X2, X10
	VPUNPCKHWD X3, X2, X11
	VPUNPCKLWD X5, X4, X12
	VPUNPCKHWD X5, X4, X13
	VPUNPCKLWD X7, X6, X14
	VPUNPCKHWD X7, X6, X15

	VPUNPCKLDQ X10, X8, X0
	VPUNPCKHDQ X10, X8, X1
	VPUNPCKLDQ X11, X9, X2
	VPUNPCKHDQ X11, X9, X3
	VPUNPCKLDQ X14, X12, X4
	VPUNPCKHDQ X14, X12, X5
	VPUNPCKLDQ X15, X13, X6
	VPUNPCKHDQ X15, X13, X7

	VPUNPCKLQDQ X4, X0, X8
	VPUNPCKHQDQ X4, X0, X9
	VPUNPCKLQDQ X5, X1, X10
	VPUNPCKHQDQ X5, X1, X11
	VPUNPCKLQDQ X6, X2, X12
	VPUNPCKHQDQ X6, X2, X13
	VPUNPCKLQDQ X7, X3, X14
	VPUNPCKHQDQ X7, X3, X15

	LEAQ    (R11)(DX*4), BX
	VMOVDQU X8, (R11)
	VMOVDQU X9, (R11)(DX*1)
	VMOVDQU X10, (R11)(DX*2)
	VMOVDQU X11, (R11)(R9*1)
	VMOVDQU X12, (BX)
	VMOVDQU X13, (BX)(DX*1)
	VMOVDQU X14, (BX)(DX*2)
	VMOVDQU X15, (BX)(R9*1)
	LEAQ    (R10)(CX*8), R10
	ADDQ    $16, R11
	SUBQ    $16, R13
	JNE     rows
	ADDQ    $16, SI
	LEAQ    (DI)(DX*8), DI
	SUBQ    $16, R12
	JNE     columns
	RET

four:
	VMOVDQU    (SI), X0
	VMOVDQU    16(SI), X1
	VPUNPCKLWD X1, X0, X2
	VPUNPCKHWD X1, X0, X3
	VPUNPCKLWD X3, X2, X0
	VPUNPCKHWD X3, X2, X1
	LEAQ       (DI)(DX*2), BX
	VMOVQ      X0, (DI)
	VPEXTRQ    $1, X0, (DI)(DX*1)
	VMOVQ      X1, (BX)
	VPEXTRQ    $1, X1, (BX)(DX*1)
	RET
