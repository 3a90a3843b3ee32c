//go:build !noasm

#include "textflag.h"

// Constants of two equal words, to be broadcast. Word k of a table is at its bytes 2*k and 2*k+1: twoBytes*k +
// bandBytes holds both indices. edgeBytes is bandBytes for an index that counts from word 2.
DATA twoBytes<>+0(SB)/4, $0x02020202
GLOBL twoBytes<>(SB), RODATA, $4
DATA edgeBytes<>+0(SB)/4, $0x05040504
GLOBL edgeBytes<>(SB), RODATA, $4
DATA bandBytes<>+0(SB)/4, $0x01000100
GLOBL bandBytes<>(SB), RODATA, $4
DATA word4<>+0(SB)/4, $0x00040004
GLOBL word4<>(SB), RODATA, $4
DATA word31<>+0(SB)/4, $0x001f001f
GLOBL word31<>(SB), RODATA, $4

// ADVANCE moves AX forward by the samples of a vector, at most to CX, where the last vector begins. After that vector
// it ends the loop.
#define ADVANCE(samples, loop, done) \
	CMPQ AX, CX;      \
	JEQ  done;        \
	ADDQ $samples, AX; \
	CMPQ AX, CX;      \
	JLE  loop;        \
	MOVQ CX, AX;      \
	JMP  loop

// ADDTABLE turns the words of k into pairs of byte indices, looks them up in the table and adds the results to v.
#define ADDTABLE(k, v, table, two, bytes, zero, top) \
	VPMULLW two, k, k;   \
	VPADDW  bytes, k, k; \
	VPSHUFB k, table, k; \
	VPADDSW k, v, v;     \
	VPMAXSW zero, v, v;  \
	VPMINSW top, v, v

#define EDGES(v, k, m, table, two, bytes, zero, top, ones) \
	VMOVDQU (SI)(AX*2), v;    \
	VPSUBW  (R8)(AX*2), v, k; \
	VPSUBW  (R9)(AX*2), v, m; \
	VPSIGNW k, ones, k;       \
	VPSIGNW m, ones, m;       \
	VPADDW  m, k, k;          \
	ADDTABLE(k, v, table, two, bytes, zero, top); \
	VMOVDQU v, (DI)(AX*2)

// func offsetEdgesVector(dst, src, a, b *uint16, n int, table *[8]int16, top uint16)
TEXT ·offsetEdgesVector(SB), NOSPLIT, $0-50
	MOVQ           dst+0(FP), DI
	MOVQ           src+8(FP), SI
	MOVQ           a+16(FP), R8
	MOVQ           b+24(FP), R9
	MOVQ           n+32(FP), CX
	MOVQ           table+40(FP), BX
	VBROADCASTI128 (BX), Y15
	VPBROADCASTW   top+48(FP), Y14
	VPBROADCASTD   twoBytes<>(SB), Y13
	VPBROADCASTD   edgeBytes<>(SB), Y12
	VPXOR          Y11, Y11, Y11
	VPCMPEQW       Y10, Y10, Y10
	VPABSW         Y10, Y10
	XORQ           AX, AX
	SUBQ           $16, CX
	JL             narrow

wide:
	EDGES(Y0, Y1, Y2, Y15, Y13, Y12, Y11, Y14, Y10)
	ADVANCE(16, wide, done)

narrow:
	ADDQ $8, CX

half:
	EDGES(X0, X1, X2, X15, X13, X12, X11, X14, X10)
	ADVANCE(8, half, done)

done:
	VZEROUPPER
	RET

#define BANDS(v, k, table, two, bytes, zero, top, first, m31, m4) \
	VMOVDQU (SI)(AX*2), v; \
	VPSRLW  X8, v, k;      \
	VPSUBW  first, k, k;   \
	VPAND   m31, k, k;     \
	VPMINSW m4, k, k;      \
	ADDTABLE(k, v, table, two, bytes, zero, top); \
	VMOVDQU v, (DI)(AX*2)

// func offsetBandsVector(dst, src *uint16, n int, table *[8]int16, shift int, first, top uint16)
TEXT ·offsetBandsVector(SB), NOSPLIT, $0-44
	MOVQ           dst+0(FP), DI
	MOVQ           src+8(FP), SI
	MOVQ           n+16(FP), CX
	MOVQ           table+24(FP), BX
	VPBROADCASTW   first+40(FP), Y9
	VMOVQ          shift+32(FP), X8
	VBROADCASTI128 (BX), Y15
	VPBROADCASTW   top+42(FP), Y14
	VPBROADCASTD   twoBytes<>(SB), Y13
	VPBROADCASTD   bandBytes<>(SB), Y12
	VPXOR          Y11, Y11, Y11
	VPBROADCASTD   word31<>(SB), Y10
	VPBROADCASTD   word4<>(SB), Y7
	XORQ           AX, AX
	SUBQ           $16, CX
	JL             narrow

wide:
	BANDS(Y0, Y1, Y15, Y13, Y12, Y11, Y14, Y9, Y10, Y7)
	ADVANCE(16, wide, done)

narrow:
	ADDQ $8, CX

half:
	BANDS(X0, X1, X15, X13, X12, X11, X14, X9, X10, X7)
	ADVANCE(8, half, done)

done:
	VZEROUPPER
	RET
