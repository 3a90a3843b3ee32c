//go:build !noasm

#include "textflag.h"
#include "deblock_amd64.h"

// lastOfFour gives each word of a segment the value of its last word.
DATA lastOfFour<>+0(SB)/8, $0x0706070607060706
DATA lastOfFour<>+8(SB)/8, $0x0f0e0f0e0f0e0f0e
DATA lastOfFour<>+16(SB)/8, $0x0706070607060706
DATA lastOfFour<>+24(SB)/8, $0x0f0e0f0e0f0e0f0e
GLOBL lastOfFour<>(SB), RODATA, $32

// SIXTEEN defines a constant of sixteen equal words.
#define SIXTEEN(name, v) \
DATA name<>+0(SB)/8, $v;  \
DATA name<>+8(SB)/8, $v;  \
DATA name<>+16(SB)/8, $v; \
DATA name<>+24(SB)/8, $v; \
GLOBL name<>(SB), RODATA, $32

SIXTEEN(zero, 0)
SIXTEEN(two, 0x0002000200020002)
SIXTEEN(four, 0x0004000400040004)
SIXTEEN(eight, 0x0008000800080008)
SIXTEEN(fifteen, 0x000f000f000f000f)

// Lines of samples in memory, each of 16 words, R8 bytes apart. R9 is 3*R8, R10 is SI+4*R8.
#define P3 (SI)
#define P2 (SI)(R8*1)
#define P1 (SI)(R8*2)
#define P0 (SI)(R9*1)
#define Q0 (R10)
#define Q1 (R10)(R8*1)
#define Q2 (R10)(R8*2)
#define Q3 (R10)(R9*1)

// LEVELS loads tc into Y15 and beta into Y14: for each of the four segments in BX, four words.
#define LEVELS \
	VPMOVZXWQ (BX), Y15;                 \
	VPMOVZXWQ 8(BX), Y14;                \
	VPSHUFB   firstOfFour<>(SB), Y15, Y15; \
	VPSHUFB   firstOfFour<>(SB), Y14, Y14

// BOTHENDS adds the first and the last word of each segment in v, for all words of the segment.
#define BOTHENDS(v, op) \
	VPSHUFB firstOfFour<>(SB), v, Y7; \
	VPSHUFB lastOfFour<>(SB), v, v;   \
	op      Y7, v, v

// DECIDE loads p2 to q2 into Y1 to Y6 and sets Y0 where d < beta (8.7.2.5.3). Y8 and Y9 are the sums for dEp and dEq,
// Y10 is 2*dpq of each line.
#define DECIDE \
	VMOVDQU P2, Y1;      \
	VMOVDQU P1, Y2;      \
	VMOVDQU P0, Y3;      \
	VMOVDQU Q0, Y4;      \
	VMOVDQU Q1, Y5;      \
	VMOVDQU Q2, Y6;      \
	VPADDW  Y1, Y3, Y8;  \
	VPSUBW  Y2, Y8, Y8;  \
	VPSUBW  Y2, Y8, Y8;  \
	VPABSW  Y8, Y8;      \
	VPADDW  Y6, Y4, Y9;  \
	VPSUBW  Y5, Y9, Y9;  \
	VPSUBW  Y5, Y9, Y9;  \
	VPABSW  Y9, Y9;      \
	VPADDW  Y8, Y9, Y10; \
	VPADDW  Y10, Y10, Y10; \
	BOTHENDS(Y8, VPADDW); \
	BOTHENDS(Y9, VPADDW); \
	VPADDW   Y8, Y9, Y7;  \
	VPCMPGTW Y7, Y14, Y0

// CHOOSE sets Y10 for the segments of Y0 that the strong filter changes and leaves the others in Y0 (8.7.2.5.6). It
// sets Y8 and Y9 where the weak filter changes p1 and q1.
#define CHOOSE \
	VPSRLW   $1, Y14, Y7;    \
	VPADDW   Y14, Y7, Y7;    \
	VPSRLW   $3, Y7, Y7;     \
	VPCMPGTW Y8, Y7, Y8;     \
	VPCMPGTW Y9, Y7, Y9;     \
	VPSRLW   $2, Y14, Y7;    \
	VPCMPGTW Y10, Y7, Y10;   \
	VPSUBW   P3, Y3, Y11;    \
	VPABSW   Y11, Y11;       \
	VPSUBW   Q3, Y4, Y12;    \
	VPABSW   Y12, Y12;       \
	VPADDW   Y12, Y11, Y11;  \
	VPSRLW   $3, Y14, Y7;    \
	VPCMPGTW Y11, Y7, Y11;   \
	VPAND    Y11, Y10, Y10;  \
	VPSUBW   Y3, Y4, Y11;    \
	VPABSW   Y11, Y11;       \
	VPSLLW   $2, Y15, Y7;    \
	VPADDW   Y15, Y7, Y7;    \
	VPAVGW   zero<>(SB), Y7, Y7; \
	VPCMPGTW Y11, Y7, Y11;   \
	VPAND    Y11, Y10, Y10;  \
	BOTHENDS(Y10, VPAND);    \
	VPAND    Y0, Y10, Y10;   \
	VPANDN   Y0, Y10, Y0

// CLIPTO clips v to samples and stores it.
#define CLIPTO(v, line) \
	VPMAXSW zero<>(SB), v, v; \
	VPMINSW Y13, v, v;        \
	VMOVDQU v, line

// WEAK changes the lines in Y0 with the weak filter (8.7.2.5.7). With x = 3*(q0-p0) - (q1-p1), delta is (3*x+8) >> 4.
// At 12 bits 3*x does not fit a word, so x is split: 3*(x>>4) + (3*(x&15) + 8) >> 4.
#define WEAK \
	VPSUBW   Y3, Y4, Y7;    \
	VPADDW   Y7, Y7, Y12;   \
	VPADDW   Y7, Y12, Y12;  \
	VPSUBW   Y2, Y5, Y11;   \
	VPSUBW   Y11, Y12, Y12; \
	VPSRAW   $4, Y12, Y7;   \
	VPAND    fifteen<>(SB), Y12, Y12; \
	VPADDW   Y12, Y12, Y11; \
	VPADDW   Y11, Y12, Y12; \
	VPADDW   eight<>(SB), Y12, Y12; \
	VPSRLW   $4, Y12, Y12;  \
	VPADDW   Y7, Y7, Y11;   \
	VPADDW   Y11, Y7, Y7;   \
	VPADDW   Y12, Y7, Y7;   \
	VPABSW   Y7, Y11;       \
	VPSLLW   $3, Y15, Y12;  \
	VPADDW   Y15, Y12, Y12; \
	VPADDW   Y15, Y12, Y12; \
	VPCMPGTW Y11, Y12, Y12; \
	VPAND    Y12, Y0, Y0;   \
	VPXOR    Y12, Y12, Y12; \
	VPSUBW   Y15, Y12, Y12; \
	VPMAXSW  Y12, Y7, Y7;   \
	VPMINSW  Y15, Y7, Y7;   \
	VPAND    Y0, Y7, Y7;    \
	VPADDW   Y3, Y7, Y11;   \
	CLIPTO(Y11, P0);        \
	VPSUBW   Y7, Y4, Y11;   \
	CLIPTO(Y11, Q0);        \
	VPSRLW   $1, Y15, Y12;  \
	VPXOR    Y14, Y14, Y14; \
	VPSUBW   Y12, Y14, Y14; \
	VPAND    Y0, Y8, Y8;    \
	VPAND    Y0, Y9, Y9;    \
	VPAVGW   Y1, Y3, Y11;   \
	VPSUBW   Y2, Y11, Y11;  \
	VPADDW   Y7, Y11, Y11;  \
	VPSRAW   $1, Y11, Y11;  \
	VPMAXSW  Y14, Y11, Y11; \
	VPMINSW  Y12, Y11, Y11; \
	VPAND    Y8, Y11, Y11;  \
	VPADDW   Y2, Y11, Y11;  \
	CLIPTO(Y11, P1);        \
	VPAVGW   Y6, Y4, Y11;   \
	VPSUBW   Y5, Y11, Y11;  \
	VPSUBW   Y7, Y11, Y11;  \
	VPSRAW   $1, Y11, Y11;  \
	VPMAXSW  Y14, Y11, Y11; \
	VPMINSW  Y12, Y11, Y11; \
	VPAND    Y9, Y11, Y11;  \
	VPADDW   Y5, Y11, Y11;  \
	CLIPTO(Y11, Q1)

// NEAR clips Y12 to a distance of 2*tc from v and stores the lines in Y10.
#define NEAR(v, line) \
	VPSUBW    Y15, v, Y14;        \
	VPMAXSW   Y14, Y12, Y12;      \
	VPADDW    Y15, v, Y14;        \
	VPMINSW   Y14, Y12, Y12;      \
	VMOVDQU   line, Y14;          \
	VPBLENDVB Y10, Y12, Y14, Y14; \
	VMOVDQU   Y14, line

// SIDE changes one side of the edge in the lines of Y10 with the strong filter: the samples a0, a1 and a2, whose last
// neighbour is line3. b1 is the second sample beyond the edge. Y7 is p0+q0.
#define SIDE(a0, a1, a2, b1, line0, line1, line2, line3) \
	VPADDW  Y7, a1, Y8;    \
	VPADDW  Y8, a2, Y11;   \
	VPADDW  two<>(SB), Y11, Y12; \
	VPSRLW  $2, Y12, Y12;  \
	NEAR(a1, line1);       \
	VPADDW  four<>(SB), Y11, Y11; \
	VPADDW  Y8, Y11, Y12;  \
	VPADDW  b1, Y12, Y12;  \
	VPSRLW  $3, Y12, Y12;  \
	NEAR(a0, line0);       \
	VPADDW  line3, a2, Y12; \
	VPADDW  Y12, Y12, Y12; \
	VPADDW  Y11, Y12, Y12; \
	VPSRLW  $3, Y12, Y12;  \
	NEAR(a2, line2)

#define STRONG \
	VPADDW Y15, Y15, Y15; \
	VPADDW Y3, Y4, Y7;    \
	SIDE(Y3, Y2, Y1, Y5, P0, P1, P2, P3); \
	SIDE(Y4, Y5, Y6, Y2, Q0, Q1, Q2, Q3)

// func lumaHorizontalVector(pix *uint16, stride int, edges *levels, n int, top uint16)
TEXT ·lumaHorizontalVector(SB), NOSPLIT, $0-34
	MOVQ         pix+0(FP), SI
	MOVQ         stride+8(FP), R8
	MOVQ         edges+16(FP), BX
	MOVQ         n+24(FP), CX
	VPBROADCASTW top+32(FP), Y13
	ADDQ         R8, R8
	LEAQ         (R8)(R8*2), R9
	LEAQ         (SI)(R8*4), R10

loop:
	CMPQ (BX), $0
	JEQ  next
	LEVELS
	DECIDE
	VPTEST Y0, Y0
	JZ     next
	CHOOSE
	VPTEST Y0, Y0
	JZ     strong
	WEAK

strong:
	VPTEST Y10, Y10
	JZ     next
	STRONG

next:
	ADDQ $32, SI
	ADDQ $32, R10
	ADDQ $16, BX
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET

// func lumaVerticalVector(pix *uint16, stride, high int, edges *levels, n int, top uint16)
TEXT ·lumaVerticalVector(SB), NOSPLIT, $264-42
	MOVQ pix+0(FP), DI
	MOVQ stride+8(FP), R11
	MOVQ high+16(FP), AX
	MOVQ edges+24(FP), BX
	MOVQ n+32(FP), CX
	ADDQ R11, R11
	LEAQ (R11)(R11*2), R12
	ADDQ AX, AX
	MOVQ AX, high-8(SP)
	LEAQ lines-264(SP), SI
	MOVQ $32, R8
	MOVQ $96, R9
	LEAQ 128(SI), R10

loop:
	CMPQ (BX), $0
	JEQ  next
	ROWS
	LOADROWS
	TRANSPOSE(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15)
	VMOVDQU Y8, P3
	VMOVDQU Y9, P2
	VMOVDQU Y10, P1
	VMOVDQU Y11, P0
	VMOVDQU Y12, Q0
	VMOVDQU Y13, Q1
	VMOVDQU Y14, Q2
	VMOVDQU Y15, Q3
	LEVELS
	DECIDE
	VPTEST Y0, Y0
	JZ     next
	VPBROADCASTW top+40(FP), Y13
	CHOOSE
	VPTEST Y0, Y0
	JZ     strong
	WEAK

strong:
	VPTEST Y10, Y10
	JZ     store
	STRONG

store:
	VMOVDQU P3, Y0
	VMOVDQU P2, Y1
	VMOVDQU P1, Y2
	VMOVDQU P0, Y3
	VMOVDQU Q0, Y4
	VMOVDQU Q1, Y5
	VMOVDQU Q2, Y6
	VMOVDQU Q3, Y7
	TRANSPOSE(Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15)
	STOREROWS(Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15, X8, X9, X10, X11, X12, X13, X14, X15)

next:
	ADDQ $16, DI
	ADDQ $16, BX
	DECQ CX
	JNZ  loop
	VZEROUPPER
	RET
