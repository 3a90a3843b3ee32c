// DEPTH sets Y14 to the largest sample, and for the rows' stage X12 to its shift and Y13 to half of the last bit
// dropped. It uses AX and CX.
#define DEPTH(depth) \
	MOVQ         depth, CX;     \
	MOVL         $1, AX;        \
	SHLL         CX, AX;        \
	DECL         AX;            \
	VMOVD        AX, X14;       \
	VPBROADCASTW X14, Y14;      \
	MOVL         $20, AX;       \
	SUBL         CX, AX;        \
	VMOVD        AX, X12;       \
	MOVL         $(1<<19), AX;  \
	SHRL         CX, AX;        \
	VMOVD        AX, X13;       \
	VPBROADCASTD X13, Y13

// CLIP limits the samples of r, given the largest in Y14 and 0 in Y15.
#define CLIP(r) \
	VPMAXSW Y15, r, r; \
	VPMINSW Y14, r, r

// TWICE defines a constant of 16 bytes, repeated once.
#define TWICE(name, low, high) \
DATA name<>+0(SB)/8, $low;   \
DATA name<>+8(SB)/8, $high;  \
DATA name<>+16(SB)/8, $low;  \
DATA name<>+24(SB)/8, $high; \
GLOBL name<>(SB), RODATA|NOPTR, $32

// Half of the last bit that the columns' stage drops.
TWICE(half, 0x0000004000000040, 0x0000004000000040)

// A shuffle that puts the even words of each four before the odd ones.
TWICE(quads, 0x0706030205040100, 0x0f0e0b0a0d0c0908)
