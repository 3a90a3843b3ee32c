//go:build !noasm

#include "textflag.h"
#include "inverse_amd64.h"

// A shuffle that interleaves the four low words and the four high words.
TWICE(interleave, 0x0b0a030209080100, 0x0f0e07060d0c0504)

// A shuffle that reverses the order of the four high words.
TWICE(reverseHigh, 0x0706050403020100, 0x09080b0a0d0c0f0e)

// func addInverse4Vector(pix *uint16, stride int, coeffs, weights *int16, depth int)
TEXT ·addInverse4Vector(SB), NOSPLIT, $0-40
	DEPTH(depth+32(FP))
	MOVQ pix+0(FP), DI
	MOVQ stride+8(FP), CX
	MOVQ coeffs+16(FP), SI
	MOVQ weights+24(FP), DX
	ADDQ CX, CX
	LEAQ (CX)(CX*2), R8
	VPXOR Y15, Y15, Y15
	VMOVDQU half<>(SB), Y11

	// Y1 gets the pairs of rows 0 and 1, and Y2 those of rows 2 and 3, both twice.
	VMOVDQU (SI), Y0
	VMOVDQU Y15, (SI)
	VPSHUFB interleave<>(SB), Y0, Y0
	VPERMQ  $0x44, Y0, Y1
	VPERMQ  $0xee, Y0, Y2

	// Y3 gets rows 0 and 1 of the columns' results, and Y5 gets rows 2 and 3.
	VPMADDWD 0(DX), Y1, Y3
	VPMADDWD 32(DX), Y2, Y4
	VPMADDWD 64(DX), Y1, Y5
	VPMADDWD 96(DX), Y2, Y6
	VPADDD   Y11, Y3, Y3
	VPADDD   Y11, Y5, Y5
	VPADDD   Y4, Y3, Y3
	VPADDD   Y6, Y5, Y5
	VPSRAD   $7, Y3, Y3
	VPSRAD   $7, Y5, Y5

	// Y0 gets rows 0, 2, 1 and 3. Y1 and Y3 get their samples.
	VPACKSSDW Y5, Y3, Y0
	VPSHUFD   $0x00, Y0, Y1
	VPSHUFD   $0x55, Y0, Y2
	VPSHUFD   $0xaa, Y0, Y3
	VPSHUFD   $0xff, Y0, Y4
	VPMADDWD  128(DX), Y1, Y1
	VPMADDWD  160(DX), Y2, Y2
	VPMADDWD  128(DX), Y3, Y3
	VPMADDWD  160(DX), Y4, Y4
	VPADDD    Y13, Y1, Y1
	VPADDD    Y13, Y3, Y3
	VPADDD    Y2, Y1, Y1
	VPADDD    Y4, Y3, Y3
	VPSRAD    X12, Y1, Y1
	VPSRAD    X12, Y3, Y3
	VPACKSSDW Y3, Y1, Y0

	VMOVQ        (DI), X1
	VPINSRQ      $1, (DI)(CX*2), X1, X1
	VMOVQ        (DI)(CX*1), X2
	VPINSRQ      $1, (DI)(R8*1), X2, X2
	VINSERTI128  $1, X2, Y1, Y1
	VPADDSW      Y1, Y0, Y0
	CLIP(Y0)
	VEXTRACTI128 $1, Y0, X1
	VMOVQ        X0, (DI)
	VMOVQ        X1, (DI)(CX*1)
	VPEXTRQ      $1, X0, (DI)(CX*2)
	VPEXTRQ      $1, X1, (DI)(R8*1)
	VZEROUPPER
	RET

// PAIRS8 takes four rows, two in each of r and s. It sets r to the pairs of the even rows and s to those of the odd
// rows.
#define PAIRS8(r, s) \
	VPSHUFB    Y11, r, r;        \
	VPSHUFB    Y11, s, s;        \
	VPUNPCKLWD s, r, Y8;         \
	VPUNPCKHWD s, r, Y9;         \
	VPERM2I128 $0x20, Y9, Y8, r; \
	VPERM2I128 $0x31, Y9, Y8, s

// COLUMNS8 sets dst to a row y of the columns' results and to row 7-y, given the row's weights.
#define COLUMNS8(weights, dst) \
	VPBROADCASTD weights+0(DX), Y7;  \
	VPBROADCASTD weights+4(DX), Y8;  \
	VPBROADCASTD weights+8(DX), Y9;  \
	VPBROADCASTD weights+12(DX), Y10;\
	VPMADDWD     Y0, Y7, Y7;         \
	VPMADDWD     Y1, Y8, Y8;         \
	VPMADDWD     Y2, Y9, Y9;         \
	VPMADDWD     Y3, Y10, Y10;       \
	VPADDD       Y11, Y7, Y7;        \
	VPADDD       Y10, Y8, Y8;        \
	VPADDD       Y9, Y7, Y7;         \
	VPSUBD       Y8, Y7, Y9;         \
	VPADDD       Y8, Y7, Y7;         \
	VPSRAD       $7, Y9, Y9;         \
	VPSRAD       $7, Y7, Y7;         \
	VPACKSSDW    Y9, Y7, Y7;         \
	VPERMQ       $0xd8, Y7, dst

// LEFT8 sets Y8 and Y9 to the sums of the even and odd coefficients of the left four columns in two rows.
#define LEFT8(rows) \
	VPSHUFD  $0x00, rows, Y8; \
	VPSHUFD  $0x55, rows, Y9; \
	VPMADDWD Y0, Y8, Y8;      \
	VPMADDWD Y1, Y9, Y9;      \
	VPADDD   Y13, Y8, Y8

// RIGHT8 adds the sums of the right four columns.
#define RIGHT8(rows) \
	VPSHUFD  $0xaa, rows, Y10; \
	VPSHUFD  $0xff, rows, Y11; \
	VPMADDWD Y2, Y10, Y10;     \
	VPMADDWD Y3, Y11, Y11;     \
	VPADDD   Y10, Y8, Y8;      \
	VPADDD   Y11, Y9, Y9

// ADD8 adds the samples of two rows to those at two addresses.
#define ADD8(upper, lower) \
	VPSUBD       Y9, Y8, Y10;                  \
	VPADDD       Y9, Y8, Y8;                   \
	VPSRAD       X12, Y10, Y10;                \
	VPSRAD       X12, Y8, Y8;                  \
	VPACKSSDW    Y10, Y8, Y8;                  \
	VPSHUFB      reverseHigh<>(SB), Y8, Y8;    \
	VMOVDQU      upper, X9;                    \
	VINSERTI128  $1, lower, Y9, Y9;            \
	VPADDSW      Y9, Y8, Y8;                   \
	CLIP(Y8);                                  \
	VMOVDQU      X8, upper;                    \
	VEXTRACTI128 $1, Y8, lower

// func addInverse8Vector(pix *uint16, stride int, coeffs, weights *int16, columns, depth int)
TEXT ·addInverse8Vector(SB), NOSPLIT, $0-48
	DEPTH(depth+40(FP))
	MOVQ pix+0(FP), DI
	MOVQ stride+8(FP), CX
	MOVQ coeffs+16(FP), SI
	MOVQ weights+24(FP), DX
	MOVQ columns+32(FP), BX
	ADDQ CX, CX
	LEAQ (CX)(CX*2), R8  // the distance of three rows
	LEAQ (DI)(CX*4), R9  // row 4
	VPXOR Y15, Y15, Y15

	VMOVDQU quads<>(SB), Y11
	VMOVDQU 0(SI), Y0
	VMOVDQU 32(SI), Y1
	VMOVDQU 64(SI), Y2
	VMOVDQU 96(SI), Y3
	VMOVDQU Y15, 0(SI)
	VMOVDQU Y15, 32(SI)
	VMOVDQU Y15, 64(SI)
	VMOVDQU Y15, 96(SI)
	PAIRS8(Y0, Y1)
	PAIRS8(Y2, Y3)

	VMOVDQU half<>(SB), Y11
	COLUMNS8(0, Y4)
	COLUMNS8(16, Y5)
	COLUMNS8(32, Y6)
	COLUMNS8(48, Y7)

	VMOVDQU 64(DX), Y0
	VMOVDQU 96(DX), Y1
	CMPQ BX, $4
	JGT  right

	LEFT8(Y4)
	ADD8((DI), (R9)(R8*1))
	LEFT8(Y5)
	ADD8((DI)(CX*1), (R9)(CX*2))
	LEFT8(Y6)
	ADD8((DI)(CX*2), (R9)(CX*1))
	LEFT8(Y7)
	ADD8((DI)(R8*1), (R9))
	VZEROUPPER
	RET

right:
	VMOVDQU 128(DX), Y2
	VMOVDQU 160(DX), Y3
	LEFT8(Y4)
	RIGHT8(Y4)
	ADD8((DI), (R9)(R8*1))
	LEFT8(Y5)
	RIGHT8(Y5)
	ADD8((DI)(CX*1), (R9)(CX*2))
	LEFT8(Y6)
	RIGHT8(Y6)
	ADD8((DI)(CX*2), (R9)(CX*1))
	LEFT8(Y7)
	RIGHT8(Y7)
	ADD8((DI)(R8*1), (R9))
	VZEROUPPER
	RET
