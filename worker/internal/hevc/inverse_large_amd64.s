//go:build !noasm

#include "textflag.h"
#include "inverse_amd64.h"
#include "multiply_amd64.h"

// A shuffle that reverses the order of the eight words in the upper half.
DATA reverseUpper<>+0(SB)/8, $0x0706050403020100
DATA reverseUpper<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA reverseUpper<>+16(SB)/8, $0x09080b0a0d0c0f0e
DATA reverseUpper<>+24(SB)/8, $0x0100030205040706
GLOBL reverseUpper<>(SB), RODATA|NOPTR, $32

// A shuffle that reverses the order of the words in both halves.
TWICE(reverseBoth, 0x09080b0a0d0c0f0e, 0x0100030205040706)

// STORE1 stores eight columns of a row of the upper half at R11, and of its mirror image in the lower half at CX.
#define STORE1(even, odd) \
	VPADDD       odd, even, Y8;  \
	VPSUBD       odd, even, Y9;  \
	VPSRAD       $7, Y8, Y8;     \
	VPSRAD       $7, Y9, Y9;     \
	VPACKSSDW    Y9, Y8, Y8;     \
	VPERMQ       $0xd8, Y8, Y8;  \
	VMOVDQU      X8, (R11);      \
	VEXTRACTI128 $1, Y8, (CX);   \
	ADDQ         R8, R11;        \
	SUBQ         R8, CX

// STORE2 stores 16 columns.
#define STORE2(even0, even1, odd0, odd1) \
	VPADDD    odd0, even0, Y8;        \
	VPADDD    odd1, even1, Y9;        \
	VPSUBD    odd0, even0, Y10;       \
	VPSUBD    odd1, even1, Y11;       \
	VPSRAD    $7, Y8, Y8;             \
	VPSRAD    $7, Y9, Y9;             \
	VPSRAD    $7, Y10, Y10;           \
	VPSRAD    $7, Y11, Y11;           \
	VPACKSSDW Y9, Y8, Y8;             \
	VPACKSSDW Y11, Y10, Y10;          \
	VMOVDQU   Y8, (R11);              \
	VMOVDQU   Y10, (CX);              \
	ADDQ      R8, R11;                \
	SUBQ      R8, CX

// ADD16 adds a row of 16 samples to the one at DI.
#define ADD16(even, odd) \
	VPADDD    odd, even, Y8;              \
	VPSUBD    odd, even, Y9;              \
	VPSRAD    X12, Y8, Y8;                \
	VPSRAD    X12, Y9, Y9;                \
	VPACKSSDW Y9, Y8, Y8;                 \
	VPERMQ    $0xd8, Y8, Y8;              \
	VPSHUFB   reverseUpper<>(SB), Y8, Y8; \
	VPADDSW   (DI), Y8, Y8;               \
	CLIP(Y8);                             \
	VMOVDQU   Y8, (DI);                   \
	ADDQ      CX, DI

// ADD32 adds a row of 32 samples.
#define ADD32(even0, even1, odd0, odd1) \
	VPADDD    odd0, even0, Y8;            \
	VPADDD    odd1, even1, Y9;            \
	VPSUBD    odd0, even0, Y10;           \
	VPSUBD    odd1, even1, Y11;           \
	VPSRAD    X12, Y8, Y8;                \
	VPSRAD    X12, Y9, Y9;                \
	VPSRAD    X12, Y10, Y10;              \
	VPSRAD    X12, Y11, Y11;              \
	VPACKSSDW Y9, Y8, Y8;                 \
	VPACKSSDW Y11, Y10, Y10;              \
	VPERMQ    $0x4e, Y10, Y10;            \
	VPSHUFB   reverseBoth<>(SB), Y10, Y10;\
	VPADDSW   0(DI), Y8, Y8;              \
	VPADDSW   32(DI), Y10, Y10;           \
	CLIP(Y8);                             \
	CLIP(Y10);                            \
	VMOVDQU   Y8, 0(DI);                  \
	VMOVDQU   Y10, 32(DI);                \
	ADDQ      CX, DI

// func addInverseLargeVector(pix *uint16, stride int, coeffs, columnWeights, rowWeights *int16,
//	size, columns, rows, depth int)
//
// The frame holds the vectors of the columns' stage, 1 KB at DX, and then its results in rows of R8 bytes.
TEXT ·addInverseLargeVector(SB), 0, $3104-72
	MOVQ coeffs+16(FP), SI
	MOVQ columnWeights+24(FP), R10
	MOVQ size+40(FP), R8
	MOVQ columns+48(FP), R13
	MOVQ rows+56(FP), R12
	LEAQ frame-3104(SP), DX
	ADDQ $31, DX
	ANDQ $~31, DX
	ADDQ R8, R8
	LEAQ (R8)(R8*2), R9
	ADDQ $3, R12
	SHRQ $2, R12           // quads of rows
	VPXOR Y15, Y15, Y15
	VMOVDQU quads<>(SB), Y14
	VMOVDQU half<>(SB), Y13

columns:
	// R11 is the first row of results for these columns, CX the last, and DI the weights.
	MOVQ  SI, R11
	SUBQ  coeffs+16(FP), R11
	LEAQ  1024(DX)(R11*1), R11
	MOVQ  R8, CX
	IMULQ R8, CX
	SHRQ  $1, CX
	SUBQ  R8, CX
	ADDQ  R11, CX
	MOVQ  R10, DI
	MOVQ  SI, AX
	MOVQ  DX, BX
	MOVQ  R12, R14
	CMPQ  R13, $8
	JLE   pairs8

pairs16:
	VMOVDQU    (AX), Y0
	VMOVDQU    (AX)(R8*1), Y1
	VMOVDQU    (AX)(R8*2), Y2
	VMOVDQU    (AX)(R9*1), Y3
	VMOVDQU    Y15, (AX)
	VMOVDQU    Y15, (AX)(R8*1)
	VMOVDQU    Y15, (AX)(R8*2)
	VMOVDQU    Y15, (AX)(R9*1)
	VPSHUFB    Y14, Y0, Y0
	VPSHUFB    Y14, Y1, Y1
	VPSHUFB    Y14, Y2, Y2
	VPSHUFB    Y14, Y3, Y3
	VPUNPCKLWD Y2, Y0, Y4
	VPUNPCKHWD Y2, Y0, Y5
	VPUNPCKLWD Y3, Y1, Y6
	VPUNPCKHWD Y3, Y1, Y7
	VMOVDQA    Y4, 0(BX)
	VMOVDQA    Y5, 32(BX)
	VMOVDQA    Y6, 64(BX)
	VMOVDQA    Y7, 96(BX)
	LEAQ       (AX)(R8*4), AX
	ADDQ       $128, BX
	DECQ       R14
	JNE        pairs16

rows16:
	BEGIN(Y13)
	MOVQ DI, AX
	MOVQ DX, BX
	MOVQ R12, R14

quads16:
	MULTIPLY2x2
	DECQ R14
	JNE  quads16
	STORE2(Y0, Y1, Y4, Y5)
	STORE2(Y2, Y3, Y6, Y7)
	LEAQ (DI)(R8*2), DI
	CMPQ R11, CX
	JLT  rows16
	ADDQ $32, SI
	SUBQ $16, R13
	JGT  columns
	JMP  samples

pairs8:
	VMOVDQU     (AX), X0
	VMOVDQU     (AX)(R8*1), X1
	VMOVDQU     (AX)(R8*2), X2
	VMOVDQU     (AX)(R9*1), X3
	VMOVDQU     X15, (AX)
	VMOVDQU     X15, (AX)(R8*1)
	VMOVDQU     X15, (AX)(R8*2)
	VMOVDQU     X15, (AX)(R9*1)
	VPSHUFB     X14, X0, X0
	VPSHUFB     X14, X1, X1
	VPSHUFB     X14, X2, X2
	VPSHUFB     X14, X3, X3
	VPUNPCKLWD  X2, X0, X4
	VPUNPCKHWD  X2, X0, X5
	VPUNPCKLWD  X3, X1, X6
	VPUNPCKHWD  X3, X1, X7
	VMOVDQA     X4, 0(BX)
	VMOVDQA     X5, 16(BX)
	VMOVDQA     X6, 32(BX)
	VMOVDQA     X7, 48(BX)
	LEAQ        (AX)(R8*4), AX
	ADDQ        $64, BX
	DECQ        R14
	JNE         pairs8

rows8:
	BEGIN(Y13)
	MOVQ DI, AX
	MOVQ DX, BX
	MOVQ R12, R14

quads8:
	MULTIPLY4x1
	DECQ R14
	JNE  quads8
	STORE1(Y0, Y4)
	STORE1(Y1, Y5)
	STORE1(Y2, Y6)
	STORE1(Y3, Y7)
	LEAQ (DI)(R8*4), DI
	CMPQ R11, CX
	JLT  rows8

samples:
	// SI is the row of the columns' results, R10 the weights, R12 the remaining rows, and R13 the quads of columns.
	DEPTH(depth+64(FP))
	VMOVD X12, R11
	MOVQ pix+0(FP), DI
	MOVQ stride+8(FP), CX
	MOVQ rowWeights+32(FP), R10
	MOVQ size+40(FP), R12
	MOVQ columns+48(FP), R13
	ADDQ CX, CX
	ADDQ $3, R13
	SHRQ $2, R13
	LEAQ 1024(DX), SI
	CMPQ R12, $32
	JEQ  samples32

samples16:
	BEGIN(Y13)
	MOVQ SI, AX
	MOVQ R10, BX
	MOVQ R13, R14

quadsOf16:
	MULTIPLY4x1
	DECQ R14
	JNE  quadsOf16
	ADD16(Y0, Y4)
	ADD16(Y1, Y5)
	ADD16(Y2, Y6)
	ADD16(Y3, Y7)
	LEAQ (SI)(R8*4), SI
	SUBQ $4, R12
	JNE  samples16
	VZEROUPPER
	RET

samples32:
	BEGIN(Y13)
	MOVQ SI, AX
	MOVQ R10, BX
	MOVQ R13, R14

quadsOf32:
	MULTIPLY2x2
	DECQ R14
	JNE  quadsOf32
	VMOVD R11, X12
	ADD32(Y0, Y1, Y4, Y5)
	ADD32(Y2, Y3, Y6, Y7)
	LEAQ (SI)(R8*2), SI
	SUBQ $2, R12
	JNE  samples32
	VZEROUPPER
	RET
