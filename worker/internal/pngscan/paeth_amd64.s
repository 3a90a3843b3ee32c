#include "textflag.h"

// A byte of each of four words, or of three.
DATA four<>+0(SB)/8, $0x00ff00ff00ff00ff
GLOBL four<>(SB), RODATA|NOPTR, $8
DATA three<>+0(SB)/8, $0x000000ff00ff00ff
GLOBL three<>(SB), RODATA|NOPTR, $8

// func paethVector(row, above []byte, pixel, count int)
//
// Samples are words: X0 left, X1 upper left, X2 above. What is left, above and upper left of a fourth byte that is not
// of the pixel counts as 0, so that it is stored as it was. The next pixel is loaded before that, since a load that meets
// a store which is on its way has to wait for it.
TEXT ·paethVector(SB), NOSPLIT, $0-64
	MOVQ row_base+0(FP), DI
	MOVQ above_base+24(FP), SI
	MOVQ pixel+48(FP), BX
	MOVQ count+56(FP), CX
	MOVQ four<>(SB), X15
	MOVQ X15, X14
	CMPQ BX, $3
	JNE  begin
	MOVQ three<>(SB), X14

begin:
	VPXOR     X0, X0, X0
	VPXOR     X1, X1, X1
	VPMOVZXBW (DI), X4 // the pixel, and some of what follows; see paethRow

next:
	VPMOVZXBW  (SI), X2
	VPAND      X14, X2, X2
	VMOVDQA    X4, X3
	VPMOVZXBW  (DI)(BX*1), X4
	VPSUBW     X1, X2, X5  // how far left is from left + above - upper left
	VPSUBW     X1, X0, X6  // and above
	VPADDW     X5, X6, X7  // and upper left
	VPABSW     X5, X5
	VPABSW     X6, X6
	VPABSW     X7, X7
	VPMINSW    X5, X6, X8
	VPMINSW    X7, X8, X8
	VPCMPEQW   X8, X6, X9
	VPBLENDVB  X9, X2, X1, X10
	VPCMPEQW   X8, X5, X9
	VPBLENDVB  X9, X0, X10, X10
	VPADDW     X10, X3, X10
	VPAND      X14, X10, X0
	VPAND      X15, X10, X10
	VPACKUSWB  X10, X10, X10
	VMOVD      X10, (DI)
	VMOVDQA    X2, X1
	ADDQ       BX, DI
	ADDQ       BX, SI
	DECQ       CX
	JNZ        next
	RET
