//go:build !noasm

#include "textflag.h"

// The numbers of the columns, from 1.
DATA ramp<>+0(SB)/8, $0x0004000300020001
DATA ramp<>+8(SB)/8, $0x0008000700060005
DATA ramp<>+16(SB)/8, $0x000c000b000a0009
DATA ramp<>+24(SB)/8, $0x0010000f000e000d
DATA ramp<>+32(SB)/8, $0x0014001300120011
DATA ramp<>+40(SB)/8, $0x0018001700160015
DATA ramp<>+48(SB)/8, $0x001c001b001a0019
DATA ramp<>+56(SB)/8, $0x0020001f001e001d
GLOBL ramp<>(SB), RODATA|NOPTR, $64

// PLANAR makes a row of the prediction: the sample on the left in (R10), times Y2, plus Y3. Y3 changes by Y4 from row to
// row.
#define PLANAR(r, weights, sum, difference) \
	VPBROADCASTW (R10), r;           \
	VPMULLW      weights, r, r;      \
	VPADDW       sum, r, r;          \
	VPADDW       difference, sum, sum; \
	VPSRLW       X10, r, r;          \
	ADDQ         $2, R10

// func predictPlanarAVX2(dst *uint16, stride int, top, left *uint16, log2 int)
TEXT ·predictPlanarAVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), DX
	MOVQ top+16(FP), SI
	MOVQ left+24(FP), BX
	MOVQ log2+32(FP), CX
	ADDQ DX, DX
	MOVL $1, R8
	SHLQ CX, R8
	INCQ CX
	VMOVD CX, X10
	VPBROADCASTW 2(BX)(R8*2), Y11 // the sample below the left side
	VPBROADCASTW 2(SI)(R8*2), Y12 // the sample on the right of the upper side
	VMOVD R8, X13
	VPBROADCASTW X13, Y13
	LEAQ -1(R8), AX
	VMOVD AX, X14
	VPBROADCASTW X14, Y14
	LEAQ ramp<>(SB), R9
	MOVQ R8, R13

columns:
	VMOVDQU (R9), Y0
	VMOVDQU 2(SI), Y1
	VPSUBW  Y0, Y13, Y2
	VPMULLW Y12, Y0, Y3
	VPMULLW Y14, Y1, Y5
	VPADDW  Y11, Y3, Y3
	VPADDW  Y13, Y3, Y3
	VPADDW  Y5, Y3, Y3
	VPSUBW  Y1, Y11, Y4
	LEAQ    2(BX), R10
	MOVQ    DI, R12
	MOVQ    R8, R11
	CMPQ    R8, $8
	JEQ     rows8
	JLT     rows4

rows16:
	PLANAR(Y5, Y2, Y3, Y4)
	VMOVDQU Y5, (R12)
	PLANAR(Y6, Y2, Y3, Y4)
	VMOVDQU Y6, (R12)(DX*1)
	LEAQ (R12)(DX*2), R12
	SUBQ $2, R11
	JNE  rows16
	ADDQ $32, R9
	ADDQ $32, SI
	ADDQ $32, DI
	SUBQ $16, R13
	JNE  columns
	VZEROUPPER
	RET

rows8:
	PLANAR(X5, X2, X3, X4)
	VMOVDQU X5, (R12)
	PLANAR(X6, X2, X3, X4)
	VMOVDQU X6, (R12)(DX*1)
	LEAQ (R12)(DX*2), R12
	SUBQ $2, R11
	JNE  rows8
	VZEROUPPER
	RET

rows4:
	PLANAR(X5, X2, X3, X4)
	VMOVQ X5, (R12)
	PLANAR(X6, X2, X3, X4)
	VMOVQ X6, (R12)(DX*1)
	LEAQ (R12)(DX*2), R12
	SUBQ $2, R11
	JNE  rows4
	VZEROUPPER
	RET

// func predictDCAVX2(dst *uint16, stride int, top, left *uint16, log2 int) int
TEXT ·predictDCAVX2(SB), NOSPLIT, $0-48
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), DX
	MOVQ top+16(FP), SI
	MOVQ left+24(FP), BX
	MOVQ log2+32(FP), CX
	ADDQ DX, DX
	MOVL $1, R8
	SHLQ CX, R8
	INCQ CX
	CMPQ R8, $8
	JEQ  sum8
	JLT  sum4
	VMOVDQU 2(SI), Y0
	VPADDW 2(BX), Y0, Y0
	CMPQ R8, $16
	JEQ  sum
	VPADDW 34(SI), Y0, Y0
	VPADDW 34(BX), Y0, Y0
	JMP  sum

sum8:
	VMOVDQU 2(SI), X0
	VPADDW 2(BX), X0, X0
	JMP  sum

sum4:
	VMOVQ 2(SI), X0
	VMOVQ 2(BX), X1
	VPADDW X1, X0, X0

sum:
	VPCMPEQW Y1, Y1, Y1
	VPSRLW $15, Y1, Y1
	VPMADDWD Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD X1, X0, X0
	VPSHUFD $0x4e, X0, X1
	VPADDD X1, X0, X0
	VPSHUFD $0xb1, X0, X1
	VPADDD X1, X0, X0
	VMOVD X0, AX
	ADDL R8, AX
	SHRL CX, AX
	MOVQ AX, ret+40(FP)
	VMOVD AX, X0
	VPBROADCASTW X0, Y0
	CMPQ R8, $8
	JEQ  rows8
	JLT  rows4
	CMPQ R8, $16
	JEQ  rows16

rows32:
	VMOVDQU Y0, (DI)
	VMOVDQU Y0, 32(DI)
	VMOVDQU Y0, (DI)(DX*1)
	VMOVDQU Y0, 32(DI)(DX*1)
	LEAQ (DI)(DX*2), DI
	SUBQ $2, R8
	JNE  rows32
	VZEROUPPER
	RET

rows16:
	VMOVDQU Y0, (DI)
	VMOVDQU Y0, (DI)(DX*1)
	LEAQ (DI)(DX*2), DI
	SUBQ $2, R8
	JNE  rows16
	VZEROUPPER
	RET

rows8:
	VMOVDQU X0, (DI)
	VMOVDQU X0, (DI)(DX*1)
	LEAQ (DI)(DX*2), DI
	SUBQ $2, R8
	JNE  rows8
	VZEROUPPER
	RET

rows4:
	VMOVQ X0, (DI)
	VMOVQ X0, (DI)(DX*1)
	LEAQ (DI)(DX*2), DI
	SUBQ $2, R8
	JNE  rows4
	VZEROUPPER
	RET

// PLACE finds the references of a row at R8/32: R9 gets their address, and the register the fraction, as one of 1<<15.
// It moves R8 to the next row.
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

// func predictAlongAVX2(dst *uint16, stride int, ref *uint16, angle, size int)
TEXT ·predictAlongAVX2(SB), NOSPLIT, $0-40
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

// func transposeAVX2(dst *uint16, stride int, from *uint16, size int)
TEXT ·transposeAVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DI
	MOVQ stride+8(FP), DX
	MOVQ from+16(FP), SI
	MOVQ size+24(FP), CX
	ADDQ DX, DX
	CMPQ CX, $4
	JEQ  four
	ADDQ CX, CX            // bytes of a row of from
	LEAQ (CX)(CX*2), R8
	LEAQ (DX)(DX*2), R9
	MOVQ CX, R12           // bytes of columns that remain

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

// func smoothAVX2(to, from *uint16, n int)
TEXT ·smoothAVX2(SB), NOSPLIT, $0-24
	MOVQ to+0(FP), DI
	MOVQ from+8(FP), SI
	MOVQ n+16(FP), CX
	VPCMPEQW Y3, Y3, Y3
	VPSRLW $15, Y3, Y3
	VPADDW Y3, Y3, Y3

next:
	VMOVDQU 2(SI), Y0
	VPADDW  Y0, Y0, Y0
	VPADDW  (SI), Y0, Y0
	VPADDW  4(SI), Y0, Y0
	VPADDW  Y3, Y0, Y0
	VPSRLW  $2, Y0, Y0
	VMOVDQU Y0, 2(DI)
	ADDQ    $32, SI
	ADDQ    $32, DI
	SUBQ    $16, CX
	JGT     next
	VZEROUPPER
	RET

// func fillAVX2(to *uint16, n int, v uint16)
TEXT ·fillAVX2(SB), NOSPLIT, $0-18
	MOVQ to+0(FP), DI
	MOVQ n+8(FP), CX
	VPBROADCASTW v+16(FP), Y0

next:
	VMOVDQU Y0, (DI)
	ADDQ    $32, DI
	SUBQ    $16, CX
	JGT     next
	VZEROUPPER
	RET
