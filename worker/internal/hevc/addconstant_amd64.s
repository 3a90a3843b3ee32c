//go:build !noasm

#include "textflag.h"

// ADD adds the value to 8 or 16 samples at an address, as many as a register holds, and clips the sums.
#define ADD(address, r, value, largest, zero) \
	VPADDSW address, value, r; \
	VPMAXSW zero, r, r;        \
	VPMINSW largest, r, r;     \
	VMOVDQU r, address

// func addConstantVector(pix *uint16, stride, size, value, depth int)
TEXT ·addConstantVector(SB), NOSPLIT, $0-40
	MOVQ depth+32(FP), CX
	MOVL $1, AX
	SHLL CX, AX
	DECL AX
	VMOVD AX, X14
	VPBROADCASTW X14, Y14
	MOVQ value+24(FP), AX
	VMOVD AX, X13
	VPBROADCASTW X13, Y13
	VPXOR Y15, Y15, Y15
	MOVQ pix+0(FP), DI
	MOVQ stride+8(FP), DX
	MOVQ size+16(FP), CX
	ADDQ DX, DX
	CMPQ CX, $8
	JEQ  rows8
	JLT  rows4
	CMPQ CX, $16
	JEQ  rows16

rows32:
	ADD(0(DI), Y0, Y13, Y14, Y15)
	ADD(32(DI), Y1, Y13, Y14, Y15)
	ADDQ DX, DI
	DECQ CX
	JNE  rows32
	VZEROUPPER
	RET

rows16:
	ADD((DI), Y0, Y13, Y14, Y15)
	ADD((DI)(DX*1), Y1, Y13, Y14, Y15)
	LEAQ (DI)(DX*2), DI
	SUBQ $2, CX
	JNE  rows16
	VZEROUPPER
	RET

rows8:
	ADD((DI), X0, X13, X14, X15)
	ADD((DI)(DX*1), X1, X13, X14, X15)
	LEAQ (DI)(DX*2), DI
	SUBQ $2, CX
	JNE  rows8
	VZEROUPPER
	RET

rows4:
	VMOVQ   (DI), X0
	VPADDSW X13, X0, X0
	VPMAXSW X15, X0, X0
	VPMINSW X14, X0, X0
	VMOVQ   X0, (DI)
	ADDQ    DX, DI
	DECQ    CX
	JNE     rows4
	VZEROUPPER
	RET
