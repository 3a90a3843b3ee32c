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

// PLANAR sets r to a row of the prediction: the sample on the left, at R10, times its weights, plus sum, which holds
// the other terms. It moves R10 and sum to the next row. X10 has the shift.
#define PLANAR(r, weights, sum, difference) \
	VPBROADCASTW (R10), r;             \
	VPMULLW      weights, r, r;        \
	VPADDW       sum, r, r;            \
	VPADDW       difference, sum, sum; \
	VPSRLW       X10, r, r;            \
	ADDQ         $2, R10

// func predictPlanarVector(dst *uint16, stride int, top, left *uint16, log2 int)
TEXT ·predictPlanarVector(SB), NOSPLIT, $0-40
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

// func predictDCVector(dst *uint16, stride int, top, left *uint16, log2 int) int
TEXT ·predictDCVector(SB), NOSPLIT, $0-48
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
