//go:build !noasm

#include "textflag.h"
#include "deblock_amd64.h"

DATA four<>+0(SB)/4, $0x00040004
GLOBL four<>(SB), RODATA, $4

// CHROMA changes p0 and q0 in sixteen lines (8.7.2.5.8). BX points to the levels of the four segments. d, tc, minus and
// m are scratch.
#define CHROMA(p1, p0, q0, q1, d, tc, minus, m) \
	VPMOVZXWQ    (BX), tc;                     \
	VPSHUFB      firstOfFour<>(SB), tc, tc;    \
	VPXOR        minus, minus, minus;          \
	VPSUBW       tc, minus, minus;             \
	VPSUBW       p0, q0, d;                    \
	VPSLLW       $2, d, d;                     \
	VPADDW       p1, d, d;                     \
	VPSUBW       q1, d, d;                     \
	VPBROADCASTD four<>(SB), m;                \
	VPADDW       m, d, d;                      \
	VPSRAW       $3, d, d;                     \
	VPMAXSW      minus, d, d;                  \
	VPMINSW      tc, d, d;                     \
	VPXOR        minus, minus, minus;          \
	VPBROADCASTW top+TOP(FP), m;               \
	VPADDW       d, p0, p0;                    \
	VPSUBW       d, q0, q0;                    \
	VPMAXSW      minus, p0, p0;                \
	VPMINSW      m, p0, p0;                    \
	VPMAXSW      minus, q0, q0;                \
	VPMINSW      m, q0, q0

#define TOP 32

// func chromaHorizontalVector(pix *uint16, stride int, edges *levels, n int, top uint16)
TEXT ·chromaHorizontalVector(SB), NOSPLIT, $0-34
	MOVQ pix+0(FP), SI
	MOVQ stride+8(FP), R8
	MOVQ edges+16(FP), BX
	MOVQ n+24(FP), CX
	ADDQ R8, R8
	LEAQ (R8)(R8*2), R9

loop:
	CMPQ (BX), $0
	JEQ  next
	VMOVDQU (SI), Y0
	VMOVDQU (SI)(R8*1), Y1
	VMOVDQU (SI)(R8*2), Y2
	VMOVDQU (SI)(R9*1), Y3
	CHROMA(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)
	VMOVDQU Y1, (SI)(R8*1)
	VMOVDQU Y2, (SI)(R8*2)

next:
	ADDQ $32, SI
	ADDQ $16, BX
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

#undef TOP
#define TOP 40

// func chromaVerticalVector(pix *uint16, stride, high int, edges *levels, n int, top uint16)
TEXT ·chromaVerticalVector(SB), NOSPLIT, $8-42
	MOVQ pix+0(FP), DI
	MOVQ stride+8(FP), R11
	MOVQ high+16(FP), AX
	MOVQ edges+24(FP), BX
	MOVQ n+32(FP), CX
	ADDQ R11, R11
	LEAQ (R11)(R11*2), R12
	ADDQ AX, AX
	MOVQ AX, high-8(SP)

loop:
	CMPQ (BX), $0
	JEQ  next
	ROWS
	LOADROWS
	TRANSPOSE(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15)
	CHROMA(Y10, Y11, Y12, Y13, Y0, Y1, Y2, Y3)
	TRANSPOSE(Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15, Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7)
	STOREROWS(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, X0, X1, X2, X3, X4, X5, X6, X7)

next:
	ADDQ $16, DI
	ADDQ $16, BX
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
