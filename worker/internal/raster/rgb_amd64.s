#include "textflag.h"

// Shuffles that take two colours of each of four pixels, of 3 or 4 bytes, to the words of the sums.
DATA redGreen3<>+0(SB)/8, $0x8004800380018000
DATA redGreen3<>+8(SB)/8, $0x800a800980078006
DATA redGreen3<>+16(SB)/8, $0x8004800380018000
DATA redGreen3<>+24(SB)/8, $0x800a800980078006
GLOBL redGreen3<>(SB), RODATA|NOPTR, $32
DATA greenBlue3<>+0(SB)/8, $0x8005800480028001
DATA greenBlue3<>+8(SB)/8, $0x800b800a80088007
DATA greenBlue3<>+16(SB)/8, $0x8005800480028001
DATA greenBlue3<>+24(SB)/8, $0x800b800a80088007
GLOBL greenBlue3<>(SB), RODATA|NOPTR, $32
DATA redRed3<>+0(SB)/8, $0x8003800380008000
DATA redRed3<>+8(SB)/8, $0x8009800980068006
DATA redRed3<>+16(SB)/8, $0x8003800380008000
DATA redRed3<>+24(SB)/8, $0x8009800980068006
GLOBL redRed3<>(SB), RODATA|NOPTR, $32
DATA blueBlue3<>+0(SB)/8, $0x8005800580028002
DATA blueBlue3<>+8(SB)/8, $0x800b800b80088008
DATA blueBlue3<>+16(SB)/8, $0x8005800580028002
DATA blueBlue3<>+24(SB)/8, $0x800b800b80088008
GLOBL blueBlue3<>(SB), RODATA|NOPTR, $32
DATA redGreen4<>+0(SB)/8, $0x8005800480018000
DATA redGreen4<>+8(SB)/8, $0x800d800c80098008
DATA redGreen4<>+16(SB)/8, $0x8005800480018000
DATA redGreen4<>+24(SB)/8, $0x800d800c80098008
GLOBL redGreen4<>(SB), RODATA|NOPTR, $32
DATA greenBlue4<>+0(SB)/8, $0x8006800580028001
DATA greenBlue4<>+8(SB)/8, $0x800e800d800a8009
DATA greenBlue4<>+16(SB)/8, $0x8006800580028001
DATA greenBlue4<>+24(SB)/8, $0x800e800d800a8009
GLOBL greenBlue4<>(SB), RODATA|NOPTR, $32
DATA redRed4<>+0(SB)/8, $0x8004800480008000
DATA redRed4<>+8(SB)/8, $0x800c800c80088008
DATA redRed4<>+16(SB)/8, $0x8004800480008000
DATA redRed4<>+24(SB)/8, $0x800c800c80088008
GLOBL redRed4<>(SB), RODATA|NOPTR, $32
DATA blueBlue4<>+0(SB)/8, $0x8006800680028002
DATA blueBlue4<>+8(SB)/8, $0x800e800e800a800a
DATA blueBlue4<>+16(SB)/8, $0x8006800680028002
DATA blueBlue4<>+24(SB)/8, $0x800e800e800a800a
GLOBL blueBlue4<>(SB), RODATA|NOPTR, $32

// PAIR defines eight times the weights of two colours, the first in the lower word.
#define PAIR(name, v) \
DATA name<>+0(SB)/8, $v;  \
DATA name<>+8(SB)/8, $v;  \
DATA name<>+16(SB)/8, $v; \
DATA name<>+24(SB)/8, $v; \
GLOBL name<>(SB), RODATA|NOPTR, $32

// Weights that a word does not hold are two halves.
PAIR(lumaRG, 0x4b234c8b4b234c8b) // 19595, 38470/2
PAIR(lumaGB, 0x1d2f4b231d2f4b23) // 38470/2, 7471
PAIR(blueRG, 0xab30d4d0ab30d4d0) // -11056, -21712
PAIR(redGB, 0xeb3094d0eb3094d0) // -27440, -5328
PAIR(halves, 0x4000400040004000) // 32768/2 twice
PAIR(half, 0x0000800000008000) // 1<<15
PAIR(middle, 0x0080800000808000) // 257<<15

// SUM sets dst to ( a * weights + b * others + add ) >> 16. It destroys t.
#define SUM(a, weights, b, others, add, t, dst) \
	VPMADDWD weights<>(SB), a, dst; \
	VPMADDWD others<>(SB), b, t;    \
	VPADDD   t, dst, dst;           \
	VPADDD   add, dst, dst;         \
	VPSRLD   $16, dst, dst

// func convertRowVector(luma, blue, red, pix []uint8, bytes, count int)
TEXT ·convertRowVector(SB), NOSPLIT, $0-112
	MOVQ luma_base+0(FP), R8
	MOVQ blue_base+24(FP), R9
	MOVQ red_base+48(FP), R10
	MOVQ pix_base+72(FP), SI
	MOVQ bytes+96(FP), BX
	MOVQ count+104(FP), CX
	VMOVDQU half<>(SB), Y14
	VMOVDQU middle<>(SB), Y15
	CMPQ BX, $3
	JNE  four
	VMOVDQU redGreen3<>(SB), Y10
	VMOVDQU greenBlue3<>(SB), Y11
	VMOVDQU redRed3<>(SB), Y12
	VMOVDQU blueBlue3<>(SB), Y13
	JMP  begin

four:
	VMOVDQU redGreen4<>(SB), Y10
	VMOVDQU greenBlue4<>(SB), Y11
	VMOVDQU redRed4<>(SB), Y12
	VMOVDQU blueBlue4<>(SB), Y13

begin:
	LEAQ (BX*4), DX // bytes of four pixels
	XORQ AX, AX     // the pixel

next:
	VMOVDQU     (SI), X0
	VINSERTI128 $1, (SI)(DX*1), Y0, Y0
	VPSHUFB     Y10, Y0, Y1
	VPSHUFB     Y11, Y0, Y2
	VPSHUFB     Y12, Y0, Y3
	VPSHUFB     Y13, Y0, Y4
	SUM(Y1, lumaRG, Y2, lumaGB, Y14, Y8, Y5)
	SUM(Y1, blueRG, Y4, halves, Y15, Y8, Y6)
	SUM(Y3, halves, Y2, redGB, Y15, Y8, Y7)
	VPACKUSDW   Y6, Y5, Y5
	VPACKUSDW   Y7, Y7, Y7
	VPACKUSWB   Y7, Y5, Y5 // four of luma, four of blue, four of red, and the other four pixels in the upper half
	VEXTRACTI128 $1, Y5, X6
	VMOVD       X5, (R8)(AX*1)
	VPEXTRD     $1, X5, (R9)(AX*1)
	VPEXTRD     $2, X5, (R10)(AX*1)
	VMOVD       X6, 4(R8)(AX*1)
	VPEXTRD     $1, X6, 4(R9)(AX*1)
	VPEXTRD     $2, X6, 4(R10)(AX*1)
	LEAQ        (SI)(DX*2), SI
	ADDQ        $8, AX
	CMPQ        AX, CX
	JLT         next
	VZEROUPPER
	RET
